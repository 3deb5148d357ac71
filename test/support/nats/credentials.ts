import { createHash } from 'node:crypto';
import { nkeys } from '@nats-io/transport-node';

type Keys = ReturnType<typeof nkeys.createUser>;

/** A configuration of nats-server that accepts users of one account, and the credentials file of one. */
export interface Operator {
  readonly configuration: string;
  readonly credentials: string;
}

/** As the program `nsc` makes them: an operator that signs an account that signs a user. */
export function createOperator(): Operator {
  const [operator, account, user] = [nkeys.createOperator(), nkeys.createAccount(), nkeys.createUser()];
  const system = nkeys.createAccount();
  const free = { subs: -1, data: -1, payload: -1 };
  const limits = { ...free, imports: -1, exports: -1, wildcards: true, conn: -1, leaf: -1 };
  const accounts = [account, system].map(
    (one) => `${one.getPublicKey()}: ${token(one, operator, 'account', { limits })}`,
  );
  const userToken = token(user, account, 'user', free);
  return {
    configuration: [
      `operator: ${token(operator, operator, 'operator', {})}`,
      `system_account: ${system.getPublicKey()}`,
      'resolver: MEMORY',
      `resolver_preload: { ${accounts.join(', ')} }`,
    ].join('\n'),
    credentials: [
      '-----BEGIN NATS USER JWT-----',
      userToken,
      '------END NATS USER JWT------',
      '',
      '-----BEGIN USER NKEY SEED-----',
      Buffer.from(user.getSeed()).toString(),
      '------END USER NKEY SEED------',
      '',
    ].join('\n'),
  };
}

/** A JSON Web Token with the signature of NATS. */
function token(subject: Keys, issuer: Keys, type: string, claims: object): string {
  const body = {
    iat: 1_700_000_000,
    iss: issuer.getPublicKey(),
    name: type,
    sub: subject.getPublicKey(),
    nats: { ...claims, type, version: 2 },
  };
  const jti = createHash('sha256').update(JSON.stringify(body)).digest('hex');
  const text = [
    { typ: 'JWT', alg: 'ed25519-nkey' },
    { jti, ...body },
  ]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  return `${text}.${Buffer.from(issuer.sign(Buffer.from(text))).toString('base64url')}`;
}
