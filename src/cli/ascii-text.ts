/**
 * Text for a terminal that shows nothing but ASCII.
 *
 * It is the last thing that happens to a text, so that nobody who writes one has to think of it. What is
 * piped or goes to a file is not touched: programs and editors know UTF-8.
 */

/** Signs that the commands themselves draw with; each stays one column wide, so that tables stay straight. */
const SIGNS: { readonly [sign: string]: string } = {
  '·': '-',
  '–': '-',
  '—': '-',
  '…': '~',
  '×': 'x',
  '✗': 'x',
  '✓': '+',
  '→': '>',
  '←': '<',
  '↑': '^',
  '↓': 'v',
  '▲': '^',
  '▼': 'v',
  '●': '*',
  '◌': 'o',
  '’': "'",
  '‘': "'",
  '“': '"',
  '”': '"',
  '≥': '>',
  '≤': '<',
  '−': '-',
  µ: 'u',
}

const BEYOND_ASCII = /[\u0080-\uffff]/g

/**
 * The text in ASCII: signs as those that look like them, anything else spelled out, `\u00e9`. In JSON all
 * of it is spelled out, and means the same.
 *
 * @example
 * asciiText('orders · 3 × Zürich') // 'orders - 3 x Z\\u00fcrich'
 */
export function asciiText(text: string): string {
  const isJson = text.startsWith('{') || text.startsWith('[')
  return text.replace(BEYOND_ASCII, (unit) => (isJson ? undefined : SIGNS[unit]) ?? spelled(unit))
}

function spelled(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
}
