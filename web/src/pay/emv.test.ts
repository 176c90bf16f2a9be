import { describe, expect, test } from 'vitest';
import { crc16, readEmv, readObjects, writeEmv } from './emv';

// The example of EMVCo's specification, 1.1, section 8: names in two scripts.
const kSpecification =
  '00020101021229300012D156000000000510A93FO3230Q31280012D15600000001030812345678520441115802CN' +
  '5914BEST TRANSPORT6007BEIJING64200002ZH0104最佳运输0202北京540523.7253031565502016233030412340603***' +
  '0708A60086670902ME91320016A0112233449988770708123456786304A13A';
// The example of the BR Code manual (Banco Central do Brasil).
const kPix =
  '00020126580014br.gov.bcb.pix0136123e4567-e12b-12d1-a456-426655440000' +
  '5204000053039865802BR5913Fulano de Tal6008BRASILIA62070503***63041D3D';
const kFields = {
  guid: 'app.mini-instapay',
  account: 'AbCdEfGhIjKlMnOp000003',
  dynamic: false,
  currency: '818',
  amount: null,
  country: 'EG',
  merchantName: 'Nour Hassan',
  merchantCity: 'Online',
};

describe('the check digits', () => {
  test('are those of CRC-16/CCITT-FALSE', () => {
    expect(crc16('123456789')).toBe('29B1');
    expect(crc16('')).toBe('FFFF');
  });
  // Made by another implementation (Python's binascii.crc_hqx): one to four zeros in front.
  test.each([
    ['AbCdEfGhIjKlMnOp000003', '04D7'],
    ['AbCdEfGhIjKlMnOp000035', '001C'],
    ['AbCdEfGhIjKlMnOp002570', '0002'],
    ['AbCdEfGhIjKlMnOp046423', '0000'],
  ])('keep their zeros: %s', (account, crc) => {
    const text = writeEmv({ ...kFields, account });
    expect(text).toBe(
      `00020101021126470017app.mini-instapay0122${account}5204000053038185802EG5911Nour Hassan6006Online6304${crc}`,
    );
    expect(readEmv(text)).toMatchObject({ ok: true });
    // Without its zeros it is not the same text.
    expect(readEmv(text.replace(/6304.{4}$/, `6304${crc.replace(/^0+/, '')}`)).ok).toBe(false);
  });
});

describe('reading', () => {
  test("the specification's example", () => {
    const result = readEmv(kSpecification);
    expect(result).toMatchObject({
      ok: true,
      payload: {
        pointOfInitiation: 'dynamic',
        currency: '156',
        amount: '23.72',
        country: 'CN',
        merchantName: 'BEST TRANSPORT',
        merchantCity: 'BEIJING',
        accounts: [
          { id: '29', guid: 'd15600000000' },
          { id: '31', guid: 'd15600000001' },
        ],
      },
    });
    if (!result.ok) throw new Error(result.error);
    expect(readObjects(result.payload.objects.get('64') ?? '')?.get('01')).toBe('最佳运输');
    expect(result.payload.additional.get('07')).toBe('A6008667');
  });
  test("Pix's example", () => {
    expect(readEmv(kPix)).toMatchObject({
      ok: true,
      payload: { accounts: [{ guid: 'br.gov.bcb.pix' }], country: 'BR', currency: '986' },
    });
  });
  test('check digits of either case', () => {
    expect(readEmv(kPix.replace('1D3D', '1d3d')).ok).toBe(true);
  });
  test('any changed character is noticed', () => {
    for (let at = 6; at < kPix.length; at += 1) {
      const other = kPix[at] === '7' ? '8' : '7';
      const changed = kPix.slice(0, at) + other + kPix.slice(at + 1);
      expect(readEmv(changed), changed).toMatchObject({ ok: false });
    }
  });
  const sealed = (body: string) => `${body}6304${crc16(`${body}6304`)}`;
  const kRest = '5204000053038185802EG5911Nour Hassan6006Online';
  test.each([
    ['', 'not_emv'],
    ['https://pay.example/r/x', 'not_emv'],
    ['000202', 'not_emv'],
    ['00020163041234', 'crc'],
    [`${kPix}0`, 'malformed'],
    [kPix.slice(0, -1), 'malformed'],
    [kPix.slice(0, -8), 'malformed'],
    [kPix.replace('1D3D', '0000'), 'crc'],
    [sealed('000201'), 'malformed'],
    [sealed('000201520400'), 'malformed'],
    [sealed(`0002010002015${kRest.slice(1)}`), 'malformed'],
    [sealed(`0002015400${kRest}`), 'malformed'],
    [sealed(`00020154031e3${kRest}`), 'malformed'],
    [sealed(`00020126050101x${kRest}`), 'malformed'],
    [sealed(`0002012699x${kRest}`), 'malformed'],
    [sealed(`000201620401${kRest}`), 'malformed'],
    [`000201${'9'.repeat(600)}`, 'malformed'],
  ])('%j is %s', (text, error) => expect(readEmv(text)).toEqual({ ok: false, error }));
});

describe('writing', () => {
  test('is read again as it was meant', () => {
    const text = writeEmv({ ...kFields, dynamic: true, amount: '85.00' });
    expect(readEmv(text)).toMatchObject({
      ok: true,
      payload: { pointOfInitiation: 'dynamic', amount: '85.00', merchantName: 'Nour Hassan' },
    });
  });
  test('names in other scripts, and long ones, give something that scanners accept', () => {
    const name = (merchantName: string) => {
      const result = readEmv(writeEmv({ ...kFields, merchantName }));
      return result.ok ? result.payload.merchantName : result.error;
    };
    expect(name('نور حسن')).toBe('Payee');
    expect(name('Zoë Ångström')).toBe('Zoe Angstrom');
    expect(name('x'.repeat(64))).toBe('x'.repeat(25));
  });
  test('what does not fit is a fault of the caller', () => {
    expect(() => writeEmv({ ...kFields, account: '' })).toThrow(RangeError);
    expect(() => writeEmv({ ...kFields, account: 'x'.repeat(100) })).toThrow(RangeError);
  });
});
