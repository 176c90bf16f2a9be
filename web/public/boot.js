// Runs before the first paint: language, direction and theme as this person chose them.
(function () {
  var root = document.documentElement;
  var language = null;
  var theme = null;
  try {
    language = localStorage.getItem('instapay.language');
    theme = localStorage.getItem('instapay.theme');
  } catch (error) {
    // Storage refused: the browser's own settings decide.
  }
  if (language !== 'en' && language !== 'ar') {
    language = /^ar\b/i.test(navigator.language || '') ? 'ar' : 'en';
  }
  root.lang = language;
  root.dir = language === 'ar' ? 'rtl' : 'ltr';
  if (theme === 'light' || theme === 'dark') root.dataset.theme = theme;
})();
