import * as oauth from 'oauth4webapi';
import type { Config } from '../../config/config.ts';
import { program } from '../../version.ts';
import { accountName } from '../person.ts';
import { Refusal } from '../refusals.ts';
import type { LoginAttempt } from './login-attempt.ts';

type Settings = Config['dashboard'];

/** Where the login server sends people back to. */
export const returnPath = '/login/return';

/** The address at which somebody logs in. */
export async function loginAddress(settings: Settings, attempt: LoginAttempt): Promise<string> {
  const url = new URL(settings.oauthAuthorizationUrl ?? '');
  const parameters = {
    response_type: 'code',
    client_id: settings.oauthClientId ?? '',
    redirect_uri: returnAddress(settings),
    scope: settings.oauthScopes,
    state: attempt.state,
    code_challenge: await oauth.calculatePKCECodeChallenge(attempt.verifier),
    code_challenge_method: 'S256',
    // A server that makes no ID token has nowhere to put it.
    ...(asksForIdToken(settings) && { nonce: attempt.nonce }),
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return url.href;
}

/**
 * The account of whoever came back from the login, as the login server names it: the code is exchanged for a token, and
 * the server is asked whose that is. The token is not kept.
 *
 * @param onToken called with the token as soon as there is one, so that no error repeats it
 * @throws {Refusal} where the account's address is not verified, or the server doesn't say whose the token is
 * @throws errors of oauth4webapi and of fetch, which `explainLogin` puts into words
 */
export async function askForAccount(
  settings: Settings,
  answer: URLSearchParams,
  attempt: LoginAttempt,
  onToken: (token: string) => void,
): Promise<string> {
  const server = serverOf(settings);
  const client: oauth.Client = { client_id: settings.oauthClientId ?? '' };
  const auth = clientAuth(settings);
  const options = requestOptions(settings);
  const parameters = oauth.validateAuthResponse(server, client, answer, attempt.state);
  const tokens = await oauth.processAuthorizationCodeResponse(
    server,
    client,
    await oauth.authorizationCodeGrantRequest(
      server,
      client,
      auth,
      parameters,
      returnAddress(settings),
      attempt.verifier,
      options,
    ),
    asksForIdToken(settings) ? { expectedNonce: attempt.nonce, requireIdToken: true } : {},
  );
  const { access_token: token } = tokens;
  onToken(token);
  const subject = oauth.getValidatedIdTokenClaims(tokens)?.sub ?? oauth.skipSubjectCheck;
  const names: string[] = [];
  if (settings.oauthIntrospectionUrl !== null) {
    const response = await oauth.introspectionRequest(server, client, auth, token, {
      ...options,
      additionalParameters: { token_type_hint: 'access_token' },
    });
    const claims = await oauth.processIntrospectionResponse(server, client, response);
    if (!claims.active) throw unusable('the login server says that the token it just gave is not valid');
    if (claims.client_id !== undefined && claims.client_id !== client.client_id) {
      throw unusable('the token was made for another application');
    }
    names.push(nameIn(claims, settings));
  }
  if (settings.oauthUserinfoUrl !== null) {
    const response = await oauth.userInfoRequest(server, client, token, options);
    names.push(nameIn(await oauth.processUserInfoResponse(server, client, subject, response), settings));
  }
  const [name, other = name] = names;
  if (name === undefined || name !== other) throw unusable('introspection and userinfo name different accounts');
  return name;
}

function nameIn(claims: Readonly<Record<string, unknown>>, { oauthNameClaim }: Settings): string {
  if (claims.email_verified === false) {
    throw new Refusal(
      403,
      'Not logged in',
      'The address of that account is not verified. Verify it, and log in again.',
    );
  }
  const name = accountName(claims[oauthNameClaim]);
  if (name === null) throw unusable(`its answer has no ${oauthNameClaim} that is a name`);
  return name;
}

function unusable(why: string): Refusal {
  return new Refusal(502, 'Not logged in', `The login server’s answer can’t be used: ${why}.`);
}

function serverOf(settings: Settings): oauth.AuthorizationServer {
  const { oauthAuthorizationUrl, oauthTokenUrl, oauthUserinfoUrl, oauthIntrospectionUrl, oauthIssuer } = settings;
  return {
    // Without one there is nothing to compare: the answers have no `iss`, or it is refused.
    issuer: oauthIssuer ?? new URL(oauthAuthorizationUrl ?? '').origin,
    authorization_endpoint: oauthAuthorizationUrl ?? '',
    token_endpoint: oauthTokenUrl ?? '',
    ...(oauthUserinfoUrl !== null && { userinfo_endpoint: oauthUserinfoUrl }),
    ...(oauthIntrospectionUrl !== null && { introspection_endpoint: oauthIntrospectionUrl }),
    // The ID token comes from the server itself over TLS, which stands in for its signature (OpenID Connect Core 3.1.3.7).
    id_token_signing_alg_values_supported: ['RS256', 'ES256', 'PS256', 'EdDSA', 'Ed25519'],
  };
}

function clientAuth({ oauthClientSecret, oauthClientAuth }: Settings): oauth.ClientAuth {
  if (oauthClientSecret === null) return oauth.None();
  return oauthClientAuth === 'basic'
    ? oauth.ClientSecretBasic(oauthClientSecret)
    : oauth.ClientSecretPost(oauthClientSecret);
}

function requestOptions({ oauthTimeoutSeconds }: Settings) {
  return {
    // Only to this machine: `requireAccess` refuses the rest.
    [oauth.allowInsecureRequests]: true,
    headers: { 'user-agent': program },
    // One limit for all requests of a login.
    signal: AbortSignal.timeout(oauthTimeoutSeconds * 1000),
  };
}

function asksForIdToken({ oauthScopes }: Settings): boolean {
  return oauthScopes.split(' ').includes('openid');
}

function returnAddress({ publicUrl }: Settings): string {
  return `${publicUrl ?? ''}${returnPath}`;
}
