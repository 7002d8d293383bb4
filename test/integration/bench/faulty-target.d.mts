export declare const open: (settings: { readonly url: string; readonly fault: string }) => Promise<{
  last(id: string, last: number): Promise<readonly { readonly role: string; readonly content: string }[]>
  close(): void
}>
