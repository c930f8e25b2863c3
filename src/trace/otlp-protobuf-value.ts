/** The value of an attribute as it stands in protobuf. */

import { setAttribute } from './attribute-value.js'
import { AnyValueField, KeyValueField, ListField } from './otlp-fields.js'
import { MAX_VALUE_DEPTH, TOO_DEEP } from './otlp-limits.js'
import type { Problems } from './problem-list.js'
import type { ProtobufReader } from './protobuf-reader.js'
import type { AttributeValue } from './trace.js'

/** A `KeyValue`; its value is `undefined` where it nests too deep to be read. */
interface KeyValue {
  readonly key: string
  readonly value: AttributeValue | undefined
}

/**
 * Reads the attribute that the reader is in into the others. One that nests too deep becomes a
 * problem; of two with the same key the last counts.
 *
 * @param place where the span, event, link or resource stands that has the attribute
 * @throws {RivetOtelError} `INVALID_TRACE`, with the offset of the byte that is wrong.
 * @example
 * readAttribute(reader, span.attributes, 'resourceSpans[0].scopeSpans[0].spans[0]', problems)
 */
export function readAttribute(
  reader: ProtobufReader,
  attributes: Record<string, AttributeValue>,
  place: string,
  problems: Problems,
): void {
  const { key, value } = reader.message('attributes', readKeyValue)
  if (value !== undefined) setAttribute(attributes, key, value)
  else problems.push(`${place}.attributes[${JSON.stringify(key)}]: ${TOO_DEEP}`)
}

function readKeyValue(reader: ProtobufReader, levels = MAX_VALUE_DEPTH): KeyValue {
  let key = ''
  let value: AttributeValue | undefined = null
  while (reader.next()) {
    if (reader.field === KeyValueField.key) key = reader.text('attribute.key')
    else if (reader.field === KeyValueField.value)
      value = reader.message('attribute.value', (inside) => readAnyValue(inside, levels))
    else reader.skip()
  }
  return { key, value }
}

function readAnyValue(reader: ProtobufReader, levels: number): AttributeValue | undefined {
  let value: AttributeValue | undefined = null
  while (reader.next()) {
    switch (reader.field) {
      case AnyValueField.stringValue:
        value = reader.text('string_value')
        break
      case AnyValueField.boolValue:
        value = reader.bool('bool_value')
        break
      case AnyValueField.intValue:
        value = reader.int64('int_value')
        break
      case AnyValueField.doubleValue:
        value = reader.double('double_value')
        break
      case AnyValueField.bytesValue:
        value = reader.bytes('bytes_value')
        break
      case AnyValueField.arrayValue:
        value = readNested(reader, 'array_value', levels, readList)
        break
      case AnyValueField.kvlistValue:
        value = readNested(reader, 'kvlist_value', levels, readKvlist)
        break
      default:
        reader.skip()
    }
  }
  return value
}

function readNested(
  reader: ProtobufReader,
  what: string,
  levels: number,
  read: (reader: ProtobufReader, levels: number) => AttributeValue | undefined,
): AttributeValue | undefined {
  if (levels > 0) return reader.message(what, (inside) => read(inside, levels - 1))
  reader.skip()
  return undefined
}

function readList(reader: ProtobufReader, levels: number): AttributeValue | undefined {
  const list: AttributeValue[] = []
  let readable = true
  while (reader.next()) {
    if (reader.field === ListField.values) {
      const item = reader.message('array_value.values', (inside) => readAnyValue(inside, levels))
      if (item === undefined) readable = false
      else list.push(item)
    } else reader.skip()
  }
  return readable ? list : undefined
}

function readKvlist(reader: ProtobufReader, levels: number): AttributeValue | undefined {
  const object: Record<string, AttributeValue> = {}
  let readable = true
  while (reader.next()) {
    if (reader.field === ListField.values) {
      const member = reader.message('kvlist_value.values', (inside) => readKeyValue(inside, levels))
      if (member.value === undefined) readable = false
      else setAttribute(object, member.key, member.value)
    } else reader.skip()
  }
  return readable ? object : undefined
}
