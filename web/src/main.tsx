import './styles/tokens.css';
import './styles/base.css';
import './styles/ui.css';
import './styles/parts.css';
import './styles/shell.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
// Hears of a way back before the router does.
import './lib/trail';
import { App } from './app/App';
import { loadWallet } from './app/loadWallet';
import { setUpLanguage } from './i18n';
import { mayHaveSession, restore } from './session/session';

async function start() {
  // Read in while the server is asked who this is; what fails here is tried again when it is shown.
  if (mayHaveSession()) loadWallet().catch(() => undefined);
  await Promise.all([setUpLanguage(), restore()]);
  const root = document.getElementById('root');
  if (!root) throw new Error('index.html has no #root');
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}

void start();

if (import.meta.env.PROD && 'serviceWorker' in navigator) {
  window.addEventListener('load', () => {
    navigator.serviceWorker.register('/sw.js').catch(() => undefined);
  });
}
