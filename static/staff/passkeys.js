// Passkeys: asks the browser for one, or to make one, and sends its answer with the form around the button.
"use strict";
(() => {
  if (!window.PublicKeyCredential) return;
  const bytes = (text) => {
    const padded = text.replace(/-/g, "+").replace(/_/g, "/");
    return Uint8Array.from(atob(padded), (letter) => letter.charCodeAt(0));
  };
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer)))
      .replace(/\+/g, "-")
      .replace(/\//g, "_")
      .replace(/=+$/, "");
  const described = (list) => (list || []).map((each) => ({ ...each, id: bytes(each.id) }));

  async function made(options) {
    options.challenge = bytes(options.challenge);
    options.user.id = bytes(options.user.id);
    options.excludeCredentials = described(options.excludeCredentials);
    const credential = await navigator.credentials.create({ publicKey: options });
    return [credential, { attestationObject: text(credential.response.attestationObject) }];
  }

  async function asked(options) {
    options.challenge = bytes(options.challenge);
    options.allowCredentials = described(options.allowCredentials);
    const credential = await navigator.credentials.get({ publicKey: options });
    const { authenticatorData, signature, userHandle } = credential.response;
    const answer = { authenticatorData: text(authenticatorData), signature: text(signature) };
    if (userHandle) answer.userHandle = text(userHandle);
    return [credential, answer];
  }

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.hidden = false;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const said = form.querySelector("[role=status]");
      said.textContent = "";
      try {
        const ask = form.dataset.passkey === "add" ? made : asked;
        const [credential, answer] = await ask(JSON.parse(form.dataset.options));
        form.elements.credential.value = JSON.stringify({
          id: credential.id,
          rawId: text(credential.rawId),
          type: credential.type,
          response: { clientDataJSON: text(credential.response.clientDataJSON), ...answer },
          clientExtensionResults: {},
        });
        form.submit();
      } catch {
        said.textContent = form.dataset.failed;
      }
    });
  }
})();
