// Contender: this project as a library, as README.md shows it. Unpaced; its settings are the defaults but for those given.
import { exportRuns, openJournalFile, openOtlpHttp, otlpSettings } from 'rivet-otel'

/**
 * @param {import('./exporting.mjs').ExportSettings} settings
 * @returns {Promise<number>} ms.
 */
export default async function exportWithLibrary({ journals, endpoint, protocol, compression }) {
  const settings = otlpSettings({ env: {}, version: 'bench', endpoint, protocol, compression })
  if (settings === undefined) throw new Error('no endpoint')

  const started = performance.now()
  const source = await openJournalFile(journals)
  const delivery = openOtlpHttp(settings)
  const { runs } = await exportRuns({ source, selection: {}, delivery })
  const ms = performance.now() - started

  await delivery.close()
  await source.close()
  if (runs.failed + runs.unreadable + runs.empty > 0) throw new Error(JSON.stringify(runs))
  return ms
}
