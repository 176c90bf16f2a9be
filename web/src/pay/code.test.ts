import { describe, expect, test } from 'vitest';
import { kGuid, readCode, requestEmv, requestLink } from './code';
import { writeEmv } from './emv';

const kOrigin = 'https://pay.example';
const kCode = '3q2-7wAbCdEfGhIjKlMnOp';
const kFields = {
  guid: kGuid,
  account: kCode,
  dynamic: true,
  currency: '818',
  amount: '5.00',
  country: 'EG',
  merchantName: 'Nour',
  merchantCity: 'Cairo',
};
const kPix =
  '00020126580014br.gov.bcb.pix0136123e4567-e12b-12d1-a456-426655440000' +
  '5204000053039865802BR5913Fulano de Tal6008BRASILIA62070503***63041D3D';

describe('what was scanned', () => {
  test.each([
    [requestLink(kOrigin, kCode), { kind: 'request', code: kCode }],
    [` ${requestLink(kOrigin, kCode)}\n`, { kind: 'request', code: kCode }],
    [`${kOrigin}/pay?to=nour&amount=5`, { kind: 'pay', search: 'to=nour&amount=5' }],
    [writeEmv(kFields), { kind: 'request', code: kCode }],
    [writeEmv({ ...kFields, guid: kGuid.toUpperCase() }), { kind: 'request', code: kCode }],
    [kPix, { kind: 'pix' }],
    ['upi://pay?pa=nour@bank&pn=Nour&am=5.00&cu=INR', { kind: 'upi' }],
    ['UPI://PAY?pa=x@y', { kind: 'upi' }],
    [writeEmv({ ...kFields, guid: 'com.example' }), { kind: 'other_scheme' }],
    [writeEmv({ ...kFields, account: 'short' }), { kind: 'damaged' }],
    [kPix.replace('Fulano', 'Fulana'), { kind: 'damaged' }],
    ['https://evil.example/r/' + kCode, { kind: 'unknown' }],
    [`${kOrigin}.evil.example/r/${kCode}`, { kind: 'unknown' }],
    [`${kOrigin}/r/short`, { kind: 'unknown' }],
    [`${kOrigin}/pay?amount=5`, { kind: 'unknown' }],
    ['https://', { kind: 'unknown' }],
    ['javascript:alert(1)', { kind: 'unknown' }],
    ['', { kind: 'unknown' }],
  ])('%j', (text, read) => expect(readCode(text, kOrigin)).toEqual(read));
  test('another installation has another name for its codes', () => {
    const text = writeEmv({ ...kFields, guid: 'org.other' });
    expect(readCode(text, kOrigin, 'org.other')).toEqual({ kind: 'request', code: kCode });
  });
});

describe('a request as an EMVCo code', () => {
  const request = { code: kCode, once: true, currency: 'EGP', amount: '5.00', payee: 'نور' };
  test('is read again', () => {
    expect(readCode(requestEmv(request) ?? '', kOrigin)).toEqual({ kind: 'request', code: kCode });
  });
  test('there is none in a currency without a number', () => {
    expect(requestEmv({ ...request, currency: 'CHF' })).toBeNull();
  });
});
