// A real OpenID provider (the certified npm package oidc-provider) on 127.0.0.1, for tests.
//
//   node server.mjs FOLDER     FOLDER holds node_modules; settings come as one line of JSON on standard
//                              input, the address goes to standard output, the end of input ends it.
//
// PKCE for everybody, rotating refresh tokens, revocation (RFC 7009), introspection (RFC 7662), metadata
// (OpenID Discovery and RFC 8414). Its sign-in and consent pages are plain forms without any script.
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import path from 'node:path';
import readline from 'node:readline';
import { pathToFileURL } from 'node:url';

const require = createRequire(path.join(path.resolve(process.argv[2]), 'package.json'));
const load = (name) => import(pathToFileURL(require.resolve(name)));
const { Provider } = await load('oidc-provider');

const input = readline.createInterface({ input: process.stdin });
const settings = JSON.parse(await new Promise((resolve) => input.once('line', resolve)));
input.on('close', () => process.exit(0));

const escape = (text) => text.replace(/[&<>"']/g, (sign) => `&#${sign.codePointAt(0)};`);
const shown = (title, form) => `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${title}</title>
<link rel="icon" href="data:,"></head><body><main><h1>${title}</h1>${form}</main></body></html>`;

const signIn = (action) => shown('Sign in', `<form method="post" action="${action}">
<label for="user">Account</label> <input id="user" name="user" type="email" required autofocus>
<button name="decision" value="next">Next</button> <button name="decision" value="deny">Cancel</button></form>`);

const consent = (action, client, scopes) => shown('Allow access?', `<form method="post" action="${action}">
<fieldset><legend>${escape(client)} wants to use</legend>${scopes.map((scope, number) => `<p>
<input type="checkbox" id="scope-${number}" name="scope" value="${escape(scope)}">
<label for="scope-${number}">${escape(scope)}</label></p>`).join('')}</fieldset>
<button name="decision" value="deny">Cancel</button> <button name="decision" value="allow">Allow</button></form>`);

// A box for everything but what only says who somebody is, and that it is for longer.
const boxes = (details) => (details.missingOIDCScope ?? []).filter((each) => !['openid', 'offline_access'].includes(each));

const configuration = {
  clients: settings.clients,
  scopes: ['openid', 'offline_access', 'email', 'calendars', 'contacts', 'mail'],
  claims: { openid: ['sub'], email: ['email'] },
  pkce: { required: () => true },
  rotateRefreshToken: true,
  issueRefreshToken: async (_, client) => client.grantTypeAllowed('refresh_token'),
  features: {
    devInteractions: { enabled: false },
    revocation: { enabled: true },
    introspection: { enabled: true, allowedPolicy: async (_, client, token) =>
      client.clientAuthMethod !== 'none' || token.clientId === client.clientId },
  },
  findAccount: (_, id) => ({ accountId: id, claims: async () => ({ sub: id, email: id }) }),
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  ttl: {
    AccessToken: settings.access_lifetime, AuthorizationCode: 60, Grant: 86400, IdToken: 3600, Interaction: 600,
    RefreshToken: 86400, Session: 86400,
  },
  cookies: { keys: [settings.cookie_key] },
  renderError: async (ctx, out) => { ctx.type = 'html'; ctx.body = shown('Error', `<p role="alert">${escape(out.error)}: ${escape(out.error_description ?? '')}</p>`); },
};

const posted = async (request) => {
  const parts = [];
  for await (const part of request) parts.push(part);
  return new URLSearchParams(Buffer.concat(parts).toString());
};

async function interact(provider, request, response) {
  const details = await provider.interactionDetails(request, response);
  const { prompt, params, session } = details;
  const action = `/interaction/${details.uid}`;
  if (request.method === 'GET') {
    const page = prompt.name === 'login' ? signIn(action) : consent(action, params.client_id, boxes(prompt.details));
    return response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' }).end(page);
  }
  const form = await posted(request);
  const finish = (result, merge) => provider.interactionFinished(request, response, result, { mergeWithLastSubmission: merge });
  if (form.get('decision') === 'deny') return finish({ error: 'access_denied' }, false);
  if (prompt.name === 'login') return finish({ login: { accountId: form.get('user') } }, false);
  const grant = details.grantId
    ? await provider.Grant.find(details.grantId)
    : new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
  const ticked = new Set(form.getAll('scope'));
  const offered = boxes(prompt.details);
  for (const scope of prompt.details.missingOIDCScope ?? []) {
    if (offered.includes(scope) && !ticked.has(scope)) grant.rejectOIDCScope(scope);
    else grant.addOIDCScope(scope);
  }
  grant.addOIDCClaims(prompt.details.missingOIDCClaims ?? []);
  return finish({ consent: { grantId: await grant.save() } }, true);
}

const server = createServer();
server.listen(0, '127.0.0.1', () => {
  const url = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(url, configuration);
  const answer = provider.callback();
  server.on('request', (request, response) => {
    if (!request.url.startsWith('/interaction/')) return answer(request, response);
    return interact(provider, request, response).catch((error) => {
      response.writeHead(400, { 'content-type': 'text/html; charset=utf-8' }).end(shown('Error', escape(String(error.message))));
    });
  });
  process.stdout.write(`${JSON.stringify({ url })}\n`);
});
