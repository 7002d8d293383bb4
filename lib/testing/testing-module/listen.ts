import type { INestApplication, INestApplicationContext } from '@nestjs/common'

const isHttpApplication = (app: INestApplicationContext): app is INestApplication => 'listen' in app && 'getUrl' in app

/** Listens on a free port of 127.0.0.1 and says where. */
export const listen = async (app: INestApplicationContext): Promise<string> => {
  if (!isHttpApplication(app)) throw new Error('listen: true needs an HTTP application from createApplication')
  await app.listen(0, '127.0.0.1')
  return await app.getUrl()
}
