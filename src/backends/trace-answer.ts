/**
 * A server's answer that holds a trace, with what the server says beside it.
 *
 * A server may repeat a header or a part of the URL there, so its words are cleaned before any
 * problem is made of them; the spans come as they are.
 */
import { isJsonObject, isList, type JsonObject, type JsonValue } from '../json/lossless.js'
import { decodeTraceDocument } from '../trace/trace-document.js'
import type { TraceContent } from './backend.js'
import type { BackendClient } from './backend-client.js'

/**
 * Decodes a trace; no secret is in its problems.
 *
 * @example
 * readTraceAnswer(answer.value, client).spans
 */
export function readTraceAnswer(
  value: JsonValue,
  { quotable }: Pick<BackendClient, 'quotable'>,
): TraceContent {
  const cleaned = isJsonObject(value) ? withCleanWords(value, quotable) : value
  const { spans, problems } = decodeTraceDocument(cleaned)
  // Problems of single spans quote what is wrong in them.
  return { spans, problems: problems.map(quotable) }
}

type Clean = (text: string) => string

/** Words are shortened when they are quoted, and half a secret would not be known for one then. */
function withCleanWords(answer: JsonObject, clean: Clean): JsonObject {
  const { message, error, errors } = answer
  return {
    ...answer,
    ...(typeof message === 'string' && { message: clean(message) }),
    ...(isJsonObject(error) && { error: withCleanTexts(error, clean) }),
    ...(isList(errors) && {
      errors: errors.map((each) => (isJsonObject(each) ? withCleanTexts(each, clean) : each)),
    }),
  }
}

function withCleanTexts(error: JsonObject, clean: Clean): JsonObject {
  return Object.fromEntries(
    Object.entries(error).map(([name, value]) => [
      name,
      typeof value === 'string' ? clean(value) : value,
    ]),
  )
}
