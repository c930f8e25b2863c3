import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { renderReport } from '../../src/page/render.js'
import { shopView } from '../report/views.js'

const FOLDER = fileURLToPath(new URL('../../src/page/styles/', import.meta.url))
const OF_THE_APP = /^(app-|runs(-|$))/

/** The first class of each rule that stands in no other. */
function outerClasses(css: string): string[] {
  let rules = css.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/@(media|keyframes)[^{]*\{/g, '{')
  for (let before = ''; before !== rules; ) {
    before = rules
    rules = rules.replaceAll(/(?<=\{[^{}]*)[^{};]*\{[^{}]*\}/g, '')
  }
  return [...rules.matchAll(/(?:^|[},])\s*\.([\w-]+)/g)].map(([, name = '']) => name)
}

describe('the styles of the local page', () => {
  it('name nothing that the page of a run has, and it names nothing of theirs', () => {
    const ofApp = outerClasses(readFileSync(`${FOLDER}60-app.css`, 'utf8'))
    expect(ofApp).toContain('runs-trend')
    expect(ofApp.filter((name) => !OF_THE_APP.test(name))).toEqual([])
    const others = readdirSync(FOLDER).filter((file) => file !== '60-app.css')
    const rest = others.flatMap((file) => outerClasses(readFileSync(FOLDER + file, 'utf8')))
    expect(rest).toContain('trend-charts')
    expect(rest.filter((name) => OF_THE_APP.test(name))).toEqual([])
    const html = ['events_full', 'chunk_boom'].map((name) => renderReport(shopView(name))).join('')
    const used = [...html.matchAll(/ class="([^"]*)"/g)].flatMap(([, names = '']) =>
      names.split(' '),
    )
    expect(used).toContain('run-page')
    expect(used.filter((name) => OF_THE_APP.test(name))).toEqual([])
  })
})
