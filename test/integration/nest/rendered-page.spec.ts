import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { Controller, Get, Render, UseInterceptors } from '@nestjs/common'
import type { NestExpressApplication } from '@nestjs/platform-express'
import { MemorySerializationInterceptor } from '../../../lib/nest/memory-serialization.interceptor.js'
import { startHttpApp, type HttpApp } from './http-app.js'

@Controller()
@UseInterceptors(MemorySerializationInterceptor)
class PageController {
  @Get()
  @Render('page')
  page(): unknown {
    return { at: new Date(0) }
  }
}

type Rendered = (error: Error | null, text: string) => void

describe('the serialization interceptor and a rendered page', () => {
  let views: string
  let served: HttpApp

  beforeAll(async () => {
    views = await mkdtemp(join(tmpdir(), 'views-'))
    await writeFile(join(views, 'page.year'), '')
    served = await startHttpApp('express', { controllers: [PageController] }, (app) => {
      const express = app as NestExpressApplication
      express.engine('year', (_path: string, { at }: { at: Date }, done: Rendered) => {
        done(null, `${at.getUTCFullYear()}`)
      })
      express.setBaseViewsDir(views)
      express.setViewEngine('year')
    })
  })

  afterAll(async () => {
    await served.app.close()
    await rm(views, { recursive: true })
  })

  it('leaves values for the template what they are', async () => {
    expect(await (await fetch(served.url)).text()).toBe('1970')
  })
})
