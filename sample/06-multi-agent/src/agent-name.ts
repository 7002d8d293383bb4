/** Each has a memory of its own, under its name. */
export const AGENTS = ['reception', 'travel', 'billing'] as const
export type AgentName = (typeof AGENTS)[number]
