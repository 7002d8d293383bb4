import { subscribe, unsubscribe } from 'node:diagnostics_channel'

/** Runs `work`, and answers the events of a channel that came meanwhile; `work` may look at them. */
export const eventsOf = async <Event>(
  channel: string,
  work: (events: readonly Event[]) => Promise<unknown>,
): Promise<readonly Event[]> => {
  const events: Event[] = []
  const listen = (event: unknown): void => void events.push(event as Event)
  subscribe(`nestjs-agent-memory:${channel}`, listen)
  try {
    await work(events)
  } finally {
    unsubscribe(`nestjs-agent-memory:${channel}`, listen)
  }
  return events
}
