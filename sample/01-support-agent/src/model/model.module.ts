import { Module } from '@nestjs/common'
import { DeterministicModel } from './deterministic-model.js'
import { LanguageModel } from './language-model.js'
import { OpenAiCompatibleModel } from './openai-compatible-model.js'

const chooseModel = (): LanguageModel => {
  const { OPENAI_BASE_URL, OPENAI_API_KEY, MODEL } = process.env
  if (OPENAI_BASE_URL === undefined || OPENAI_BASE_URL === '') return new DeterministicModel()
  if (MODEL === undefined || MODEL === '') throw new Error('OPENAI_BASE_URL is set, so MODEL must name a model')
  return new OpenAiCompatibleModel({ baseUrl: OPENAI_BASE_URL, apiKey: OPENAI_API_KEY, model: MODEL })
}

@Module({ providers: [{ provide: LanguageModel, useFactory: chooseModel }], exports: [LanguageModel] })
export class ModelModule {}
