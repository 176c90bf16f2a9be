// Runs before the first paint: language, direction and theme as this person chose them; and asks at
// once for what this start will need, which the app itself would ask for one after the other.
(function () {
  var root = document.documentElement;
  var language = null;
  var theme = null;
  var session = null;
  try {
    language = localStorage.getItem('instapay.language');
    theme = localStorage.getItem('instapay.theme');
    session = localStorage.getItem('instapay.session');
  } catch (error) {
    // Storage refused: the browser's own settings decide.
  }
  if (language !== 'en' && language !== 'ar') {
    language = /^ar\b/i.test(navigator.language || '') ? 'ar' : 'en';
  }
  root.lang = language;
  root.dir = language === 'ar' ? 'rtl' : 'ltr';
  if (theme === 'light' || theme === 'dark') root.dataset.theme = theme;

  // The build wrote the files beside this script's name (vite.config.ts).
  var files = document.currentScript.dataset;
  var wanted = [files[language]];
  if (session) wanted.push(files.wallet, files[language + 'Wallet']);
  wanted
    .join(' ')
    .split(' ')
    .forEach(function (url) {
      if (!url) return;
      var link = document.createElement('link');
      link.href = url;
      if (/\.css$/.test(url)) {
        link.rel = 'preload';
        link.as = 'style';
        link.crossOrigin = 'anonymous';
      } else {
        link.rel = 'modulepreload';
      }
      document.head.appendChild(link);
    });
})();
