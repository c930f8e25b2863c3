import { afterEach } from 'vitest'
import { withLedger } from '../../../src/bridge/ledger/with-ledger.js'
import { openOtlpHttp } from '../../../src/delivery/otlp-http.js'
import { otlpTargetName } from '../../../src/delivery/otlp-target-name.js'
import { paced } from '../../../src/delivery/paced.js'
import { openLedger } from '../../../src/ledger/ledger.js'
import { describeDelivery } from '../../contracts/delivery-contract.js'
import { target } from '../../delivery/target.js'
import { newFolder } from '../../delivery/temporary-folder.js'
import { OtlpReceiver } from '../../receiver/otlp-receiver.js'

const receivers: OtlpReceiver[] = []

afterEach(async () => {
  for (const receiver of receivers.splice(0)) await receiver.close()
})

for (const concurrency of [1, 4]) {
  describeDelivery(`OTLP over HTTP with a ledger, ${concurrency} at once`, async () => {
    const receiver = await OtlpReceiver.start()
    receivers.push(receiver)
    const settings = target(receiver.url, { maxRequestBytes: 30_000, concurrency })
    const ledger = await openLedger(`${newFolder()}/ledger.db`, otlpTargetName(settings))
    if (ledger === undefined) throw new Error('a ledger was expected')
    const delivery = paced(openOtlpHttp(settings), settings.maxTracesPerSecond)
    return { delivery: withLedger(delivery, ledger), received: async () => receiver.taken }
  })
}
