/** Certificates of an authority of our own, made with openssl, for tests of TLS. */
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { newFolder } from '../delivery/temporary-folder.js'

/** A certificate and its key: the files and their texts. */
export interface Certificate {
  readonly certFile: string
  readonly keyFile: string
  readonly cert: string
  readonly key: string
}

/** Whether openssl is here; where it is not, the tests that need it say what they left unchecked. */
export const hasOpenssl = (() => {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' })
    return true
  } catch {
    console.warn('UNCHECKED: there is no openssl here, so nothing over TLS is tested')
    return false
  }
})()

/** An authority that signs for hosts and clients. */
export class Authority {
  readonly #folder = newFolder()
  readonly authority: Certificate
  #count = 0

  constructor(name: string) {
    const [certFile, keyFile] = this.#files()
    const subject = ['-subj', `/CN=${name}`, '-days', '2']
    openssl('req', '-x509', ...NEW_KEY, '-keyout', keyFile, '-out', certFile, ...subject)
    this.authority = read(certFile, keyFile)
  }

  /** A certificate that this authority signed, for a host (`IP:127.0.0.1`) or a client. */
  sign(subjectAltName: string, times: readonly string[] = ['-days', '2']): Certificate {
    const [certFile, keyFile] = this.#files()
    const request = join(this.#folder, `${this.#count}.csr`)
    const extensions = join(this.#folder, `${this.#count}.ext`)
    writeFileSync(extensions, `subjectAltName=${subjectAltName}\n`)
    openssl('req', '-new', ...NEW_KEY, '-keyout', keyFile, '-out', request, '-subj', '/CN=test')
    openssl(
      ...['x509', '-req', '-in', request, '-out', certFile, '-extfile', extensions, ...times],
      ...['-CA', this.authority.certFile, '-CAkey', this.authority.keyFile, '-CAcreateserial'],
    )
    return read(certFile, keyFile)
  }

  #files(): [certFile: string, keyFile: string] {
    this.#count++
    return [join(this.#folder, `${this.#count}.crt`), join(this.#folder, `${this.#count}.key`)]
  }
}

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']

function read(certFile: string, keyFile: string): Certificate {
  const [cert, key] = [readFileSync(certFile, 'utf8'), readFileSync(keyFile, 'utf8')]
  return { certFile, keyFile, cert, key }
}

function openssl(...args: readonly string[]): void {
  execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] })
}
