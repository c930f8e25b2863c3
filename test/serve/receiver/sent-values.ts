/** Spans as other programs send them, for tests. */

export const TRACE = 'c3bde0ddc359ac2423e3095a715b3412'

/** A span with the number in its id. */
export function wireSpan(number: number, more: Readonly<Record<string, unknown>> = {}) {
  return {
    traceId: TRACE,
    spanId: number.toString(16).padStart(16, '0'),
    name: `span ${number}`,
    startTimeUnixNano: '1795251219134436857',
    endTimeUnixNano: '1795251219134436858',
    ...more,
  }
}

/** A request in OTLP/JSON with these spans. */
export function requestOf(...spans: readonly unknown[]): string {
  return JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] })
}

/** Every field that OTLP 1.x has, as the collector's file exporter writes it. */
export const EVERY_FIELD = {
  resourceSpans: [
    {
      resource: {
        attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }],
        droppedAttributesCount: 1,
        entityRefs: [{ schemaUrl: 'https://e', type: 'host', idKeys: ['host.id'] }],
      },
      scopeSpans: [
        {
          scope: {
            name: 'http',
            version: '1',
            attributes: [{ key: 'a', value: { boolValue: false } }],
            droppedAttributesCount: 2,
          },
          spans: [
            {
              traceId: TRACE,
              spanId: 'b36d1caeb2e67c87',
              traceState: 'vendor=1',
              parentSpanId: 'b36d1caeb2e67c8f',
              flags: 4294967295,
              name: 'GET',
              kind: 3,
              startTimeUnixNano: '1',
              endTimeUnixNano: '18446744073709551615',
              attributes: [
                { key: 'twice', value: { intValue: '-9223372036854775808' } },
                { key: 'twice', value: { intValue: '9223372036854775807' } },
                { key: 'whole double', value: { doubleValue: 1 } },
                { key: 'minus zero', value: { doubleValue: '-0' } },
                { key: 'nan', value: { doubleValue: 'NaN' } },
                { key: 'empty', value: {} },
                { key: 'bytes', value: { bytesValue: 'AQI=' } },
                {
                  key: 'list',
                  value: {
                    arrayValue: {
                      values: [{ kvlistValue: { values: [{ key: 'k', value: {} }] } }],
                    },
                  },
                },
              ],
              droppedAttributesCount: 3,
              events: [{ timeUnixNano: '7', name: 'e', droppedAttributesCount: 4 }],
              droppedEventsCount: 5,
              links: [
                {
                  traceId: TRACE,
                  spanId: 'b36d1caeb2e67c8f',
                  traceState: 'vendor=2',
                  attributes: [{ key: 'l', value: { stringValue: '' } }],
                  droppedAttributesCount: 6,
                  flags: 256,
                },
              ],
              droppedLinksCount: 7,
              status: { message: 'no', code: 2 },
            },
          ],
          schemaUrl: 'https://scope',
        },
      ],
      schemaUrl: 'https://resource',
    },
  ],
}
