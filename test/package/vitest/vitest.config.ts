import { defineConfig } from 'vitest/config'

// The compiled package, as an application sees it; build it first. Hooks are no globals, which is Vitest's default.
export default defineConfig({
  test: { include: ['*.vitest-spec.ts'], setupFiles: ['./vitest.setup.ts'], testTimeout: 20_000 },
})
