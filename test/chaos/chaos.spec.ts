import { describe, expect, it } from '@jest/globals'
import { chaosFaults } from './faults/chaos-faults.js'
import { planFaults } from './faults/plan-faults.js'
import { runChaosCommand } from './run-command.js'

const TIMEOUT_MS = 120_000

const named = (seed: number) =>
  planFaults(chaosFaults, seed, 20).map(({ fault, ...size }) => ({ ...size, name: fault.name }))

describe('the chaos run', () => {
  it('makes the same faults for the same seed, and others for another', () => {
    expect(named(7)).toEqual(named(7))
    expect(named(7)).not.toEqual(named(8))
    expect(new Set(planFaults(chaosFaults, 7, 600).map(({ fault }) => fault.name)).size).toBe(chaosFaults.length)
  })

  it(
    'finds nothing in our memory',
    async () => {
      const { code, output, counted } = await runChaosCommand(['--seconds', '5', '--seed', '42'])
      expect({ short: counted.short, output }).toEqual({ short: [], output })
      expect(code).toBe(0)
    },
    TIMEOUT_MS,
  )

  it(
    'finds losses and doubles in a thin wrapper',
    async () => {
      const { code, counted } = await runChaosCommand(['--seconds', '5', '--seed', '42', '--memory', 'thin'])
      expect(counted.report.lost.length).toBeGreaterThan(0)
      expect(counted.report.doubled.length).toBeGreaterThan(0)
      expect(code).toBe(1)
    },
    TIMEOUT_MS,
  )
})
