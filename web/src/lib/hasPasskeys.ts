/** Whether this browser has passkeys at all; the module that speaks to them is loaded when asked. */
export const hasPasskeys = () =>
  typeof PublicKeyCredential === 'function' && 'credentials' in navigator;
