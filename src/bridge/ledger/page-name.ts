/**
 * Under which name a page stands in a ledger, which knows a run_id, a revision and nothing else.
 *
 * A journal stands under its run_id, as it always did; anything else under its subject and the name.
 */
import type { PageSubject } from '../../mapping/page.js'

const SUBJECTS: { readonly [subject in PageSubject]: true } = {
  journal: true,
  source: true,
  resumed_run: true,
  wrapper: true,
  signpost: true,
  interrupted: true,
  load: true,
  exec: true,
}

/**
 * The name of a page: no two subjects and names have the same.
 *
 * @param runId of a load its load_id
 * @example
 * nameInLedger('orders_1') // 'orders_1'
 * nameInLedger('orders_1', 'source') // 'source orders_1'
 * nameInLedger('source orders_1') // 'journal source orders_1'
 */
export function nameInLedger(runId: string, subject: PageSubject = 'journal'): string {
  const [word = '', ...rest] = runId.split(' ', 2)
  const looksLikeOther = rest.length > 0 && Object.hasOwn(SUBJECTS, word)
  return subject === 'journal' && !looksLikeOther ? runId : `${subject} ${runId}`
}
