import { expect, it } from 'vitest';
import { networkReason } from '../../src/delivery/network-reason.js';

it.each([
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'NODE_EXTRA_CA_CERTS'],
  // The file of a company names who signed the certificate, and not who signed that one.
  ['UNABLE_TO_GET_ISSUER_CERT', 'NODE_EXTRA_CA_CERTS'],
  ['CERT_NOT_YET_VALID', 'clock'],
  ['CERT_HAS_EXPIRED', 'has expired'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'for another host'],
  ['EHOSTUNREACH', 'there is no route to that address'],
  ['ESOMETHING', 'the connection failed'],
])('%s is reported in words', (code, words) => {
  const reason = networkReason(Object.assign(new Error('x'), { code }));
  expect(reason).toContain(words);
  expect(reason).toContain(`(${code})`);
});
