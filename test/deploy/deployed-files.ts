/** The files that people deploy, read for the tests of them. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import { isJsonObject, type JsonObject, type JsonValue } from '../../src/json/lossless.js'

const ROOT = new URL('../../', import.meta.url)

/** Where a file of the project lies. */
export function pathOf(file: string): string {
  return fileURLToPath(new URL(file, ROOT))
}

/** Its text. */
export function textOf(file: string): string {
  return readFileSync(pathOf(file), 'utf8')
}

/** What a YAML or JSON file of the project says. */
export function contentOf(file: string): JsonObject {
  const content: JsonValue = parse(textOf(file))
  if (!isJsonObject(content)) throw new Error(`${file} is no object`)
  return content
}

/** What lies in an object under a path of names; `undefined` where nothing does. */
export function at(
  value: JsonValue | undefined,
  ...path: readonly string[]
): JsonValue | undefined {
  return path.reduce<JsonValue | undefined>(
    (inner, name) => (isJsonObject(inner) ? inner[name] : undefined),
    value,
  )
}

/** The members of the object there; none where there is no object. */
export function membersAt(value: JsonValue, ...path: readonly string[]): [string, JsonValue][] {
  const found = at(value, ...path)
  return isJsonObject(found) ? Object.entries(found) : []
}

/** The texts of the list there; none where there is no list. */
export function textsAt(value: JsonValue, ...path: readonly string[]): string[] {
  const found = at(value, ...path)
  return Array.isArray(found) ? found.filter((item) => typeof item === 'string') : []
}
