import { describe, expect, it } from '@jest/globals'
import { failsRun, failureOf, wordOf } from '../../../bench/run/failure.mjs'

const wrong = { reason: '', isWrong: true, isLate: false }
const late = { reason: '', isWrong: false, isLate: true }
const broken = { reason: '', isWrong: false, isLate: false }

describe('what fails a run of the benchmark', () => {
  it.each([
    ['a peer that is measured', 'naive', undefined, false],
    ['a wrong answer of this module', 'ours', wrong, true],
    ['a wrong answer of a peer', 'naive', wrong, true],
    ['a wrong answer of the limit', 'raw', wrong, true],
    ['a wrong answer over HTTP', 'fastify', wrong, true],
    ['this module, late', 'ours', late, false],
    ['a peer, late', 'mastra', late, false],
    ['an application, late', 'express', late, false],
    ['a cost, late', undefined, late, false],
    ['this module, which does not run', 'journal', broken, true],
    ['an application that does not run', 'express', broken, true],
    ['a cost that cannot be found', undefined, broken, true],
    ['a peer that does not run', 'mastra', broken, false],
  ])('%s', (_, target, failed, isFailure) => {
    expect(failsRun({ target, failed })).toBe(isFailure)
  })
})

describe('wordOf', () => {
  it.each([
    ['naive', wrong, 'WRONG'],
    ['ours', late, 'left out'],
    ['mastra', broken, 'left out'],
    ['ours', broken, 'FAILED'],
  ])('says of %s with %j: %s', (target, failed, word) => {
    expect(wordOf({ target, failed })).toBe(word)
  })
})

describe('failureOf', () => {
  it.each([
    ['an ordinary error', new Error('no'), false],
    ['what says so itself', Object.assign(new Error('no'), { isLate: true }), true],
    ['a request that was given up', new DOMException('no', 'TimeoutError'), true],
    ['a wait that was given up', new Error('no', { cause: new DOMException('no', 'TimeoutError') }), true],
    ['a command that was ended', Object.assign(new Error('no'), { killed: true }), true],
  ])('knows what is late: %s', (_, error, isLate) => {
    expect(failureOf(error)).toEqual({ reason: 'no', isWrong: false, isLate })
  })

  it('keeps the first line', () => {
    expect(failureOf(new Error('no\nat all')).reason).toBe('no')
  })
})
