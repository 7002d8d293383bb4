import { from, type Observable } from 'rxjs'

/** Stands for what every application has of its own: it says what it was given, and never the same twice. */
export class Model {
  asked = 0

  async think(prompt: readonly { readonly role: string; readonly content?: unknown }[]): Promise<string> {
    this.asked += 1
    return `${this.asked}: ${prompt.map(({ content }) => String(content)).join(' | ')}`
  }

  speak(history: readonly unknown[], message: string): Observable<{ data: string }> {
    return from([`${history.length} `, 'before ', message].map((data) => ({ data })))
  }
}
