export declare class TargetProcess {
  constructor(module: string, settings: object)
  ask(method: string, args?: readonly unknown[], limit?: number): Promise<unknown>
  close(): Promise<void>
}
