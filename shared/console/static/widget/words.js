// The widget's own words. What the desk says comes from the desk; these are the labels around it.

const WORDS = {
  en: {
    open: "Open chat",
    close: "Close chat",
    chat: "Chat with {name}",
    write: "Write a message",
    send: "Send",
    attach: "Attach a picture or PDF",
    remove: "Remove {name}",
    uploading: "Uploading {name}",
    typing: "{name} is typing",
    today: "Today",
    yesterday: "Yesterday",
    sending: "Sending",
    sent: "Sent",
    waiting: "Not sent yet. Trying again.",
    busy: "A lot is being written just now. This goes out by itself in {seconds} s.",
    failed: "Not sent.",
    retry: "Try again",
    lost: "Connection lost. Reconnecting…",
    offline: "You are offline. Messages go out when you are back.",
    refused: "This chat is not available here.",
    handover: "A person will answer you here.",
    unread: "{count} unread",
    tooLarge: "{name} is too large. The most is {size} MB.",
    wrongType: "Only pictures and PDF files can be sent.",
    notUploaded: "{name} could not be uploaded.",
    tooLong: "Too long: {count} of {most} characters.",
    dismiss: "Dismiss",
    suggestions: "Suggestions",
    you: "You",
    person: "Team",
  },
  hi: {
    open: "चैट खोलें",
    close: "चैट बंद करें",
    chat: "{name} से चैट",
    write: "संदेश लिखें",
    send: "भेजें",
    attach: "फ़ोटो या PDF जोड़ें",
    remove: "{name} हटाएँ",
    uploading: "{name} अपलोड हो रहा है",
    typing: "{name} लिख रहे हैं",
    today: "आज",
    yesterday: "कल",
    sending: "भेजा जा रहा है",
    sent: "भेज दिया",
    waiting: "अभी नहीं गया। फिर से भेज रहे हैं।",
    busy: "अभी बहुत संदेश आ रहे हैं। यह {seconds} सेकंड में अपने आप चला जाएगा।",
    failed: "नहीं भेजा गया।",
    retry: "फिर से भेजें",
    lost: "कनेक्शन टूट गया। फिर से जोड़ रहे हैं…",
    offline: "आप ऑफ़लाइन हैं। कनेक्शन आते ही संदेश चला जाएगा।",
    refused: "यह चैट यहाँ उपलब्ध नहीं है।",
    handover: "अब कोई व्यक्ति आपको यहीं जवाब देगा।",
    unread: "{count} नए संदेश",
    tooLarge: "{name} बहुत बड़ी है। अधिकतम {size} MB।",
    wrongType: "केवल फ़ोटो और PDF भेजी जा सकती हैं।",
    notUploaded: "{name} अपलोड नहीं हो सकी।",
    tooLong: "बहुत लंबा: {most} में से {count} अक्षर।",
    dismiss: "हटाएँ",
    suggestions: "सुझाव",
    you: "आप",
    person: "टीम",
  },
};

const short = (language) => language.toLowerCase().split("-")[0];

/** Of the desk's languages, the first the visitor's browser prefers; else the desk's own first. */
export function chooseLanguage(offered, preferred = navigator.languages) {
  const spoken = offered.map(short).filter((language) => language in WORDS);
  return preferred.map(short).find((language) => spoken.includes(language)) ?? spoken[0] ?? "en";
}

/** `say("typing", { name })` in one language. */
export function speaker(language) {
  return (key, values = {}) => WORDS[language][key].replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}
