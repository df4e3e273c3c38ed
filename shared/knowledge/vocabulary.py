"""The everyday words of a front desk in English and Hindi: which say nothing, and which say the same.

An entry of `SAME` is one meaning and the words and phrases for it. They ask about an aspect (price,
hours) and not about a subject (a haircut), so the index lets them count for less. A desk adds its own
synonyms in its file.
"""

SILENT = """
a about after all also am an and any are as at be been before but by can could did do does doing for from
get give go going got had has have having hello hey hi his her how i if in into is it its just know let
like may me mean might mine more much must my need no not now of off ok okay on one or our out over
please plz pls really said say see she should so some something sir madam tell than thank thanks that the
their them then there these they thing this those to too u under until up us very want wanted was we well
were what whats when which while who whom whose why will wish with would yes yeah you your yours explain
offer provide let's lets bring anybody anyone someone available availability allowed allow possible
today anytime night tonight raat serve sell make stock bechte bechti becho
aap aapka aapke aapki aapko aur batao bataiye bataye batana bataen bhi chahiye chahie chahta chahti de
dena dijiye ek hai hain haan hum hamare hamara hota hoti hote ho ji jo ka kaa ke ki ko koi kripya krpya
kya kyaa kab kaise kaisa kis kiske kitna kitni kitne kar karna karo karne karte karta karti kare karein
kijiye lena le liye lekin mai mein mere mera meri mujhe mujhko muje na nahi nahin namaste ne par per pe
raha rahi rahe sakta sakte sakti se toh tha thi unka usko vah wah wo woh voh yah yeh ye yahan waha wahan
wala wale wali milega milegi milta milti milte hogi hoga
"""

SAME = {
    "price": (
        "prices, cost, rate, rates, fee, fees, charge, charges, charged, how much, tariff, kitne ka, "
        "kitne ki, kitne ke, kitna lagega, kitna paisa, kitne paise, kitne rupaye, kitna hai, kitne hai, "
        "kimat, keemat, daam, dam, paisa, paise, rupees, rupaye, rupaya, mrp, expensive, pricing, shulk, "
        "कीमत, क़ीमत, दाम, शुल्क, फीस, किराया, कितना लगेगा, कितने का, कितने की"
    ),
    "hours": (
        "opening hours, pm, open, opens, opening, close, closes, closing, closed, timing, timings, time, "
        "times, what time, when, kitne baje, kab khulta, kab khulte, kab khulega, kab band, khula, "
        "khule, khulta, khulte, khulti, khulega, band, samay, baje, समय, खुला, खुलते, खुलता, बंद, बजे, "
        "कितने बजे, टाइमिंग"
    ),
    "address": (
        "location, located, where, directions, kahan, kahaan, kaha, kidhar, pata, jagah, map, landmark, "
        "reach, पता, कहाँ, कहां"
    ),
    "phone": (
        "telephone, call, contact, mobile, number, phone number, helpline, sampark, फ़ोन, फोन, संपर्क, नंबर"
    ),
    "payment": (
        "payments, pay, paid, paying, upi, gpay, google pay, phonepe, paytm, credit card, debit card, "
        "cash, card, bhugtan, भुगतान, नकद"
    ),
    "parking": "park, gaadi, gadi, car park, पार्किंग, गाड़ी",
    "delivery": "deliver, delivered, home delivery, ghar par, doorstep, pahuncha, डिलीवरी, घर पर",
    "cancel": "cancellation, cancelled, radd, reschedule, रद्द, कैंसल",
    "refund": "refunds, money back, paise wapas, paisa wapas, return, returns, वापस, रिफंड",
    "discount": "discounts, offers, deal, deals, coupon, promo, chhoot, chhut, छूट, ऑफर",
    "booking": (
        "book, booked, reserve, reservation, appointment, appointments, slot, slots, बुकिंग, अपॉइंटमेंट, बुक"
    ),
    "duration": "how long, long, kitni der, kitna samay, kitna time, minutes, कितनी देर",
    "vegetarian": "veg, veggie, vegetable, shakahari, shakahaari, शाकाहारी",
    "child": "children, kid, kids, baby, bachcha, bachche, bachcho, bachchon, बच्चा, बच्चे, बच्चों",
    "doctor": "doctors, dr, daktar, physician, डॉक्टर",
    "annual": "annually, yearly, per year, a year, saalana, saal, वार्षिक, सालाना",
    "evening": "evenings, shaam, sham, शाम",
    "monday": "mon, somvar, somwar, सोमवार",
    "tuesday": "tue, mangalvar, mangalwar, मंगलवार",
    "wednesday": "wed, budhvar, budhwar, बुधवार",
    "thursday": "thu, guruvar, guruwar, brihaspativar, गुरुवार",
    "friday": "fri, shukravar, shukrawar, शुक्रवार",
    "saturday": "sat, shanivar, shaniwar, शनिवार",
    "sunday": "sun, sundays, ravivar, raviwar, itvar, itwar, रविवार, इतवार",
}
