import { useTestRunner } from 'nestjs-agent-memory/testing'
import { afterAll, beforeAll, describe } from 'vitest'

useTestRunner({ describe, beforeAll, afterAll })
