import { ApiError } from '../api/error';
import type { PasskeyAssertion, PasskeyRegistration } from '../api/types';
import type { Schemas } from '../api/json';
import { fromBase64url, toBase64url } from './base64url';

// Between the server's JSON and what browsers take. Written out, as not every browser that has
// passkeys has parseRequestOptionsFromJSON() and toJSON().

type Descriptor = Schemas['PasskeyDescriptor'];
type CreationOptions = Schemas['PasskeyCreationOptions']['publicKey'];
type AssertionOptions = Schemas['PasskeyAssertionOptions']['publicKey'];

const descriptor = ({ id, transports }: Descriptor): PublicKeyCredentialDescriptor => ({
  type: 'public-key',
  id: fromBase64url(id),
  transports: transports as AuthenticatorTransport[],
});

const kCodes: Record<string, string> = {
  // The person said no, or took too long; browsers do not tell which.
  NotAllowedError: 'passkey_cancelled',
  // The authenticator has one of the excluded already.
  InvalidStateError: 'passkey_exists',
  // Another address than that which passkeys are for.
  SecurityError: 'passkey_address',
};

/** A browser's refusal as an error like any other; an abort stays what it is. */
function refusal(error: unknown): unknown {
  if (!(error instanceof DOMException) || error.name === 'AbortError') return error;
  return new ApiError(kCodes[error.name] ?? 'passkey_unsupported', 0);
}

async function ask(asking: () => Promise<Credential | null>): Promise<PublicKeyCredential> {
  try {
    const answer = await asking();
    if (answer instanceof PublicKeyCredential) return answer;
  } catch (error) {
    throw refusal(error);
  }
  throw new ApiError('passkey_cancelled', 0);
}

export async function createPasskey(options: CreationOptions): Promise<PasskeyRegistration> {
  const made = await ask(() =>
    navigator.credentials.create({
      publicKey: {
        ...options,
        challenge: fromBase64url(options.challenge),
        user: { ...options.user, id: fromBase64url(options.user.id) },
        excludeCredentials: options.excludeCredentials.map(descriptor),
      },
    }),
  );
  const response = made.response as AuthenticatorAttestationResponse;
  return {
    id: made.id,
    type: 'public-key',
    response: {
      clientDataJSON: toBase64url(response.clientDataJSON),
      attestationObject: toBase64url(response.attestationObject),
      transports: 'getTransports' in response ? response.getTransports() : [],
    },
  };
}

/** In autofill, `mediation` is `conditional`: it waits until the person chooses one there. */
export async function showPasskey(
  options: AssertionOptions,
  how: { mediation?: CredentialMediationRequirement; signal?: AbortSignal } = {},
): Promise<PasskeyAssertion> {
  const shown = await ask(() =>
    navigator.credentials.get({
      ...how,
      publicKey: {
        ...options,
        challenge: fromBase64url(options.challenge),
        allowCredentials: options.allowCredentials.map(descriptor),
      },
    }),
  );
  const response = shown.response as AuthenticatorAssertionResponse;
  return {
    id: shown.id,
    type: 'public-key',
    response: {
      clientDataJSON: toBase64url(response.clientDataJSON),
      authenticatorData: toBase64url(response.authenticatorData),
      signature: toBase64url(response.signature),
      userHandle: response.userHandle?.byteLength ? toBase64url(response.userHandle) : null,
    },
  };
}
