/** What a small server of a test answers. */
import type { ServerResponse } from 'node:http'

/** An answer. */
export interface Reply {
  readonly status: number
  readonly body: string
  /** JSON where it is absent and the status is 200, else plain text. */
  readonly type?: string
  /** Breaks off instead of ending. */
  readonly isCut?: boolean
}

/** Answers so. */
export function send(response: ServerResponse, { status, body, type, isCut = false }: Reply): void {
  const bytes = Buffer.from(body)
  response.writeHead(status, {
    'content-type': type ?? (status === 200 ? 'application/json' : 'text/plain; charset=utf-8'),
    'content-length': bytes.length,
  })
  if (!isCut) response.end(bytes)
  else response.write(bytes.subarray(0, bytes.length / 2), () => response.destroy())
}
