/** A certificate for 127.0.0.1 and cortex.test that lasts as long as a test. Node has no API that makes one: openssl does. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** Undefined, with a printed reason, if the machine has no openssl. */
export function createCertificate(
  folder: string,
  type: 'ec' | 'rsa' = 'ec',
): { cert: string; key: string } | undefined {
  const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost,DNS:cortex.test'];
  const keyType = type === 'rsa' ? ['rsa:2048'] : ['ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];
  try {
    execFileSync(
      'openssl',
      ['req', '-x509', '-days', '2', '-nodes', '-newkey', ...keyType, ...subject, '-keyout', key, '-out', cert],
      {
        stdio: 'ignore',
      },
    );
    return { cert, key };
  } catch (error) {
    console.log(`skipped: no certificate could be made by openssl (${(error as NodeJS.ErrnoException).code ?? error})`);
    return undefined;
  }
}
