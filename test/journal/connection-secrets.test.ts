import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mayHoldSecrets, withoutConnectionSecrets } from '../../src/journal/connection-secrets.js'
import { propertyCases } from './arbitrary-journal.js'

/** Texts with a password, and what is left of them. */
const CHANGED: readonly (readonly [string, string])[] = [
  // URLs
  ['postgres://user:secret@host/db', 'postgres://user:***@host/db'],
  ['postgresql://user:secret@host:5432/db?a=b@c', 'postgresql://user:***@host:5432/db?a=b@c'],
  ['jdbc:postgresql://u:secret@h/db', 'jdbc:postgresql://u:***@h/db'],
  ['mysql://user:secret@host:3306/db', 'mysql://user:***@host:3306/db'],
  ['mysql+pymysql://user:secret@host/db', 'mysql+pymysql://user:***@host/db'],
  ['mssql://sa:secret@host:1433/db', 'mssql://sa:***@host:1433/db'],
  ['sqlserver://sa:secret@host', 'sqlserver://sa:***@host'],
  ['mongodb+srv://u:secret@a.example,b.example/db', 'mongodb+srv://u:***@a.example,b.example/db'],
  ['redis://:secret@host:6379/0', 'redis://:***@host:6379/0'],
  ['rediss://default:secret@host', 'rediss://default:***@host'],
  ['amqp://guest:secret@host/vhost', 'amqp://guest:***@host/vhost'],
  ['https://user:secret@example.com/a?b=c', 'https://user:***@example.com/a?b=c'],
  ['https://ghp_0123456789@github.com/a/b', 'https://***@github.com/a/b'],
  ['https://sk_live_1:@api.example.com', 'https://***:@api.example.com'],
  ['POSTGRES://U:SECRET@H/db', 'POSTGRES://U:***@H/db'],
  ['postgres://u:s%40cr%2Fet@h/db', 'postgres://u:***@h/db'],
  ['postgres://u:se@cret@h/db', 'postgres://u:***@h/db'],
  ['postgres://u:se/cret@h/db', 'postgres://u:***@h/db'],
  ['postgres://u:s@e/cret@h/db', 'postgres://u:***@h/db'],
  ["postgres://u:se'cret@h/db", 'postgres://u:***@h/db'],
  ["dblink('postgres://u:secret@h','x@y')", "dblink('postgres://u:***@h','x@y')"],
  ['(postgres://a:one@h, mysql://b:two@h)', '(postgres://a:***@h, mysql://b:***@h)'],
  ['user:secret@tcp(host:3306)/db', 'user:***@tcp(host:3306)/db'],
  ['jdbc:oracle:thin:scott/tiger@//host:1521/x', 'jdbc:oracle:thin:scott/***@//host:1521/x'],
  // parameters
  ['jdbc:mysql://h/db?user=a&password=secret', 'jdbc:mysql://h/db?user=a&password=***'],
  ['postgres://h/db?sslpassword=secret&x=1', 'postgres://h/db?sslpassword=***&x=1'],
  ['https://b.s3/k?X-Amz-Signature=abc123&x=1', 'https://b.s3/k?X-Amz-Signature=***&x=1'],
  ['https://b.s3/k?x=1&X-Amz-Security-Token=abc', 'https://b.s3/k?x=1&X-Amz-Security-Token=***'],
  ['https://a.blob/c?sv=1&sig=a%2Fb%3D', 'https://a.blob/c?sv=1&sig=***'],
  ['https://g/k?X-Goog-Signature=ff00', 'https://g/k?X-Goog-Signature=***'],
  ['https://h/x?access_token=abc#top', 'https://h/x?access_token=***#top'],
  // settings
  ['host=db user=ana password=secret', 'host=db user=ana password=***'],
  ["host=db password='se cr\\'et' dbname=x", "host=db password='***' dbname=x"],
  ['host = db password = secret', 'host = db password = ***'],
  ['password=secret host=db', 'password=*** host=db'],
  ['host=db password=se,cr)et dbname=x', 'host=db password=*** dbname=x'],
  [
    'Server=h;User Id=sa;Password=my secret;Encrypt=true',
    'Server=h;User Id=sa;Password=***;Encrypt=true',
  ],
  ['Password=@dm1n;Server=h', 'Password=***;Server=h'],
  [
    'jdbc:sqlserver://h:1433;user=sa;password=secret',
    'jdbc:sqlserver://h:1433;user=sa;password=***',
  ],
  ['Driver={x};Server=h;UID=sa;PWD={se;cr}}et};', 'Driver={x};Server=h;UID=sa;PWD={***};'],
  ['Server=h;Password="se;cret";x=1', 'Server=h;Password="***";x=1'],
  ['Server=h;Pwd=secret', 'Server=h;Pwd=***'],
  ["'Server=h;Pwd=secret' after 3 tries", "'Server=h;Pwd=***' after 3 tries"],
  ['select failed (user=ana,password=secret)', 'select failed (user=ana,password=***)'],
  [
    "SELECT * FROM OPENROWSET('x','Server=h;UID=sa;PWD=secret','y')",
    "SELECT * FROM OPENROWSET('x','Server=h;UID=sa;PWD=***','y')",
  ],
  ['PGPASSWORD=secret psql', 'PGPASSWORD=*** psql'],
  ['login failed (password=secret)', 'login failed (password=***)'],
  ['rivet run --password=secret', 'rivet run --password=***'],
  ['AccountName=a;AccountKey=abc+/==;x=1', 'AccountName=a;AccountKey=***;x=1'],
  ['aws_secret_access_key = abc123', 'aws_secret_access_key = ***'],
  ["{'password': 'secret'}", "{'password': '***'}"],
  ['{"user":"a","password": "se\\"cret"}', '{"user":"a","password": "***"}'],
  ['"{\\"password\\":\\"secret\\"}"', '"{\\"password\\":\\"***\\"}"'],
  // statements
  ["CREATE USER ana WITH PASSWORD 'secret'", "CREATE USER ana WITH PASSWORD '***'"],
  ["ALTER ROLE a ENCRYPTED PASSWORD 'se''cret'", "ALTER ROLE a ENCRYPTED PASSWORD '***'"],
  ["CREATE LOGIN a WITH PASSWORD = N'secret'", "CREATE LOGIN a WITH PASSWORD = N'***'"],
  ["CREATE USER a IDENTIFIED BY 'secret'", "CREATE USER a IDENTIFIED BY '***'"],
  ['CREATE USER a IDENTIFIED BY tiger;', 'CREATE USER a IDENTIFIED BY ***;'],
  ['ALTER USER a IDENTIFIED BY "secret"', 'ALTER USER a IDENTIFIED BY "***"'],
  [
    "CREATE USER a IDENTIFIED WITH caching_sha2_password BY 'secret'",
    "CREATE USER a IDENTIFIED WITH caching_sha2_password BY '***'",
  ],
  ["SET PASSWORD FOR 'a'@'%' = 'secret'", "SET PASSWORD FOR 'a'@'%' = '***'"],
  ["SET PASSWORD = PASSWORD('secret')", "SET PASSWORD = PASSWORD('***')"],
  ["SELECT 1 FROM u WHERE password = 'secret'", "SELECT 1 FROM u WHERE password = '***'"],
  ["ALTER ROLE a PASSWORD E'se\\'cret'", "ALTER ROLE a PASSWORD E'***'"],
  ["ALTER ROLE a PASSWORD U&'secret'", "ALTER ROLE a PASSWORD U&'***'"],
  ["CREATE USER a IDENTIFIED BY N'secret'", "CREATE USER a IDENTIFIED BY N'***'"],
  ['ALTER ROLE a PASSWORD $$secret$$ LOGIN', 'ALTER ROLE a PASSWORD $$***$$ LOGIN'],
  ["ALTER ROLE a PASSWORD $pw$se$'cret$pw$;", 'ALTER ROLE a PASSWORD $pw$***$pw$;'],
  ['SELECT 1 FROM u WHERE password = $$secret$$', 'SELECT 1 FROM u WHERE password = $$***$$'],
  ["SELECT 1 FROM u WHERE password = E'secret'", "SELECT 1 FROM u WHERE password = E'***'"],
  ['host=db password=Nancy user=ana', 'host=db password=*** user=ana'],
  // headers
  ['X-Api-Key: 3f9a77c1', 'X-Api-Key: ***'],
  ['x-goog-api-key: AIzaSyAbcdefghijklmnop', 'x-goog-api-key: ***'],
  ['(X-Auth-Token: s3cr3t-of-ana)', '(X-Auth-Token: ***)'],
  ['X-Vault-Token: hvs.CAESIJ42', 'X-Vault-Token: ***'],
  ['PRIVATE-TOKEN: glpat-0123456789', 'PRIVATE-TOKEN: ***'],
  ['{"X-Api-Key":"3f9a77c1"}', '{"X-Api-Key":"***"}'],
  ['"{\\"x-api-key\\":\\"3f9a77c1\\"}"', '"{\\"x-api-key\\":\\"***\\"}"'],
  ['curl failed: api-key=3f9a77c1 host=db', 'curl failed: api-key=*** host=db'],
  ['Authorization: Bearer abc.def', 'Authorization: Bearer ***'],
  ['"authorization":"Basic YTpi"', '"authorization":"Basic ***"'],
  ['sent Bearer 0123456789abcdefghij', 'sent Bearer ***'],
]

/** Texts that have no password, or none that anyone could tell from a name. */
const UNCHANGED: readonly string[] = [
  'SELECT * FROM users WHERE password = $1',
  'SELECT * FROM users WHERE password=?',
  'SELECT id, password FROM users',
  'SELECT password AS pwd, password_hash FROM users',
  "SELECT 'password', 'x' FROM t WHERE kind = 'password' AND v = 'x'",
  "SELECT * FROM t WHERE kind IN ('password', 'pin')",
  'SELECT * FROM a JOIN b ON a.password = b.password',
  'UPDATE u SET name = $1, password = crypt($2, gen_salt($3)) WHERE id = 1',
  'UPDATE u SET password = :new_password WHERE password = :password',
  'SELECT * FROM u WHERE password = old_password AND x = 1',
  'SELECT * FROM u WHERE (password=other OR pwd=third)',
  'select * from u where id = 1 and password=other',
  "SELECT * FROM u WHERE password = ''",
  'SELECT * FROM u WHERE password = pw; SET x = 2',
  'UPDATE u SET a = 1, password = other WHERE id = 1',
  'abfss://container@account.example/path',
  'SELECT * FROM u WHERE password IS NOT NULL AND password <> name',
  'SELECT * FROM u WHERE api_key = $1 AND access_token = @token_pw',
  'SELECT token, secret FROM t ORDER BY token',
  'SELECT * FROM t WHERE token = $1 AND secret = $2',
  "SELECT * FROM t WHERE token = 'abc0123456789' AND secret = E'x'",
  'UPDATE t SET password = $1, auth_token = $2 WHERE id = $3',
  'CREATE FUNCTION set_password() RETURNS void AS $$ SELECT 1 $$ LANGUAGE sql',
  'SELECT a.auth-token, b.api-key - 1 FROM a, b',
  'the header X-Api-Key: required',
  'X-Api-Key: expected, got nothing',
  'X-Api-Key: ***',
  'x-api-key: $'.concat('{API_KEY_OF_2026}'),
  'SELECT password::text, length(password) FROM users',
  "column 'password': null ratio 0.5 exceeds threshold 0.1",
  'column "password" does not exist',
  'password authentication failed for user "ana"',
  'the row is identified by id',
  'PWD=/home/ana',
  'postgres://host:5432/db',
  'postgres://user@host/db',
  'postgres://[::1]:5432/db',
  'https://example.com:8080/a@b?c=d@e',
  'https://example.com/a:b@c',
  's3://bucket/key@2x.png',
  'mailto:ana@example.com',
  'https://b.s3/k?X-Amz-Credential=AKIA&X-Amz-Date=1',
  'postgres://user:***@host/db',
  'postgres://user:$'.concat('{PGPASSWORD}@host/db'),
  'host=db password=*** dbname=x',
  'password=[redacted]',
  'password={{ env.PASSWORD }}',
  'host=db password=$'.concat('{PGPASSWORD} user=ana'),
  'UPDATE t SET password = ?, name = ? WHERE id = ?',
  'orders_20261121_085339_chunk0_8654b389770afbf3.parquet',
  '',
]

describe('connection secrets', () => {
  it.each(CHANGED)('are taken out of %j', (text, left) => {
    expect(withoutConnectionSecrets(text)).toBe(left)
  })

  it.each(CHANGED)('are taken out of %j in the middle of other words', (text, left) => {
    const around = (middle: string) => `db error at 12:30\n${middle}\nsee the log`
    expect(withoutConnectionSecrets(around(text))).toBe(around(left))
  })

  it.each(UNCHANGED)('are not seen where there are none: %j', (text) => {
    expect(withoutConnectionSecrets(text)).toBe(text)
  })

  it('are gone after the first time', () => {
    const piece = fc.oneof(
      fc.constantFrom(...CHANGED.map(([text]) => text), ...UNCHANGED),
      fc.constantFrom(
        'password',
        '=',
        ' ',
        ';',
        "'",
        '"',
        '{',
        '}',
        '://',
        '@',
        ':',
        'a',
        '?',
        '&',
      ),
      fc.string({ maxLength: 5 }),
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const once = withoutConnectionSecrets(pieces.join(''))
        expect(withoutConnectionSecrets(once)).toBe(once)
      }),
      { numRuns: propertyCases(2000) },
    )
  })
})

/** What a form cannot do without, in the spellings that it may have. */
const SUSPECT_WORDS = [
  '://',
  'jdbc:oracle',
  '@tcp(',
  '@unix6(',
  'passw',
  'passphrase',
  'pwd',
  'identified',
  'accesskey',
  'access_key',
  'accountkey',
  'account_key',
  'secret',
  'token',
  'apikey',
  'api-key',
  'api_key',
  'signature',
  '?sig=',
  '&sig=',
  'authorization',
  'bearer',
]

describe('a text is looked at closely', () => {
  const LONG = 'SELECT id, name FROM orders o WHERE o.id > 7;\n'.repeat(300)

  it.each(SUSPECT_WORDS)('for %j, in any case and wherever it stands', (word) => {
    for (const spelled of [word, word.toUpperCase()]) {
      for (const before of ['', 'a', LONG, `${LONG}é`]) {
        for (const after of ['', 'z', LONG]) {
          expect(mayHoldSecrets(before + spelled + after)).toBe(true)
        }
      }
    }
  })

  it.each(SUSPECT_WORDS)('not for half of %j', (word) => {
    expect(mayHoldSecrets(word.slice(1))).toBe(false)
    expect(mayHoldSecrets(LONG + word.slice(1) + LONG)).toBe(false)
  })
})
