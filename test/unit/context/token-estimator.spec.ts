import { describe, expect, it } from '@jest/globals'
import { EstimatingTokenCounter, estimateTokens } from '../../../lib/context/token-estimator.js'
import { TokenCounter } from '../../../lib/model/token-counter.js'

describe('estimateTokens', () => {
  it('counts nothing for nothing, and at least one for something', () => {
    expect(estimateTokens('')).toBe(0)
    expect(estimateTokens(' ')).toBe(1)
    expect(estimateTokens('a')).toBe(1)
  })

  // The counts on the right are those of the o200k_base vocabulary.
  it.each([
    ['English', 'I would like to move my appointment to Friday, because my train is late today. Is that possible?', 21],
    [
      'German',
      'Ich möchte meinen Termin auf Freitag verschieben, weil mein Zug heute Verspätung hat. Ist das möglich?',
      23,
    ],
    ['Russian', 'Я хотел бы перенести встречу на пятницу, потому что мой поезд сегодня опаздывает. Это возможно?', 24],
    [
      'Japanese',
      '電車が遅れているので、予約を金曜日に変更したいのですが、可能でしょうか。お返事をお待ちしています。',
      33,
    ],
    ['Chinese', '因为今天火车晚点，我想把预约改到星期五，请问可以吗？如果不行，请告诉我其他有空的时间。', 31],
    ['Korean', '오늘 기차가 늦어서 예약을 금요일로 옮기고 싶은데 가능할까요? 답장을 기다리겠습니다.', 28],
    [
      'code',
      'export const sum = (values) => {\n  let total = 0\n  for (const value of values) total += value\n  return total\n}\n',
      33,
    ],
    ['JSON', '{"city":"Oslo","date":"2024-03-14","guests":4,"outside":true,"tags":["quiet","vegan"],"price":18.5}', 38],
    [
      'JSON with ids',
      '{"id":"5f0a9c3e-7d21-4b8f-a1c6-3e9d0b7f24a8","userId":"user_8842","status":"open","createdAt":"2024-03-10T12:00:00.000Z"}',
      68,
    ],
  ])('is within 20 %% for a sentence of %s', (_class, text, counted) => {
    const ratio = estimateTokens(text) / counted
    expect(ratio).toBeGreaterThan(0.8)
    expect(ratio).toBeLessThan(1.2)
  })

  it('takes up to three digits for one token', () => {
    expect(estimateTokens('123')).toBe(1)
    expect(estimateTokens('123456789012')).toBe(4)
  })

  it('grows with the text, and only by its length', () => {
    const text = 'A turn of a dialogue, 12 words or so, with signs: {"a": 1}.\n'
    const once = estimateTokens(text)
    expect(estimateTokens(text.repeat(1000)) / once / 1000).toBeCloseTo(1, 1)
  })

  it('takes any text, also half a surrogate pair and control characters', () => {
    for (const text of ['\ud800', '\0\0\0', '\u{1f600}', '\uffff', '\t\t\t', '\r\n\r\n']) {
      expect(estimateTokens(text)).toBeGreaterThanOrEqual(1)
    }
  })
})

describe('EstimatingTokenCounter', () => {
  it('is the counter of the estimate', () => {
    const counter = new EstimatingTokenCounter()
    expect(counter).toBeInstanceOf(TokenCounter)
    expect(counter.count('Hello there, friend')).toBe(estimateTokens('Hello there, friend'))
  })
})
