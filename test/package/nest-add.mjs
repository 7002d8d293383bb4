import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { binary } from './application.mjs'
import { run } from './command.mjs'

const REGISTRATION = `MemoryModule.forRoot({
      connection: { url: process.env.REDIS_URL ?? 'redis://127.0.0.1:6379' },
    })`

/** Others than what `nest new` makes: as they are before and after. */
const MODULES = [
  [
    `import { Module } from "@nestjs/common"
import {
  ChatModule,
} from "./chat.module"

@Module({
  imports: [ChatModule],
})
export class AppModule {}
`,
    `import { Module } from "@nestjs/common"
import {
  ChatModule,
} from "./chat.module"
import { MemoryModule } from "nestjs-agent-memory"

@Module({
  imports: [ChatModule, ${REGISTRATION}],
})
export class AppModule {}
`,
  ],
  [
    `import { Module } from '@nestjs/common';

@Module({ controllers: [] })
export class AppModule {}
`,
    `import { Module } from '@nestjs/common';
import { MemoryModule } from 'nestjs-agent-memory';

@Module({ controllers: [], imports: [
    ${REGISTRATION},
  ] })
export class AppModule {}
`,
  ],
]

/** Modules that it can add nothing to, and says so. */
const WITHOUT_LIST = [
  `import { Module } from '@nestjs/common';

@Module({ imports: [] })
export class ChatModule {}

@Module({ imports: [ChatModule] })
export class AppModule {}
`,
  'export const modules = [];\n',
  `import { Module } from '@nestjs/common';
import { modules } from './modules';

@Module({ imports: modules })
export class AppModule {}
`,
]

/** What `nest add` does after the installation, in an application fresh from `nest new` and with other modules in its place. */
export const checkNestAdd = async (app) => {
  const path = join(app, 'src', 'app.module.ts')
  const add = async () => {
    const args = ['add', 'nestjs-agent-memory', '--skip-install']
    const { stdout, stderr } = await run(binary(app, 'nest'), args, { cwd: app })
    return { text: readFileSync(path, 'utf8'), said: stdout + stderr }
  }
  const added = await add()
  assert(added.text.includes(`@Module({\n  imports: [\n    ${REGISTRATION},\n  ],\n`), added.text)
  assert.match(added.text, /^import \{ MemoryModule \} from 'nestjs-agent-memory';$/mu)
  assert.equal((await add()).text, added.text, 'there is nothing to add the second time')
  for (const [before, after] of MODULES) {
    writeFileSync(path, before)
    assert.equal((await add()).text, after)
  }
  for (const module of WITHOUT_LIST) {
    writeFileSync(path, module)
    const { text, said } = await add()
    assert.equal(text, module)
    assert(said.includes('src/app.module.ts does not list the imports of one module'), said)
    assert(said.includes('MemoryModule.forRoot'), said)
  }
  writeFileSync(path, added.text)
  return `${1 + MODULES.length + WITHOUT_LIST.length} modules`
}
