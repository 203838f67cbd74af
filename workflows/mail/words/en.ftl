# What every letter says, in English. Names and arguments are those of ga.ftl, and
# the tests hold both to it.
#
# What stands between $link and $end is a link in the HTML part and plain words in
# the text part. A sentence without its end takes one from its template: a full stop
# there, a colon here.

## Around every letter

why = Why you get this mail:
stop = Stop mails like this one
choose = Choose what you get
sent-by-you = You sent it to { $site }
reference = If you write to us about it, please name { $reference }.

## What somebody sent, by $what

yours = { $what ->
   *[session] your session
    [review] your review of
    [photos] your photos of
    [change] your change to
    [notice] your notice about
}
# In a subject, where a session goes by its title alone.
named = { $what ->
   *[session] { $title }
    [review] { yours } { $title }
    [photos] { yours } { $title }
    [change] { yours } { $title }
    [notice] { yours } { $title }
}
it = { $what ->
   *[other] it
    [photos] them
}
photos = { $photos ->
    [one] one photo
   *[other] { $photos } photos
}

## Of sessions, to followers

next-dates = The next ones
see-session = See the session

new-session-subject = A new session: { $title }, { $near }
new-session-preheader = { $when }, at { $place }.
new-session-lead = There is a new session to go to:
new-session-told = { $name } told us about it.
new-session-go = If you go, tell us on its page that it was on. That is what the next person most wants to know.

news-preheader = At { $place }.

digest-title = Sessions this week
digest-span = { $from } to { $until }
digest-preheader = What is on from { $from } to { $until }.
# $count is how many there are, $more how many of them the subject does not name.
digest-subject = { $count ->
    [1] Sessions this week: { $first }
    [2] Sessions this week: { $first } and { $second }
   *[other] Sessions this week: { $first }, { $second } and { digest-others }
}
# How many more, counted as the language counts things.
digest-others = { $more ->
    [one] one more
   *[other] { $more } more
}
digest-more = See { digest-others }

## Of an account

export-subject = What { $site } holds on you is ready
export-preheader = Sign in to fetch it.
export-why = You asked { $site } for it
export-title = What we hold on you
export-text = You asked for everything that we hold on you. It is ready: one file with all there is in writing, and your photos beside it.
export-fetch = { $days ->
    [one] Sign in to fetch it within one day; then we remove it.
   *[other] Sign in to fetch it within { $days } days; then we remove it.
}
export-account = Your account
export-warning = If it was not you who asked, change your password: somebody else is signed in as you.

erased-subject = Your account with { $site } is erased
erased-preheader = This is our last mail.
erased-why = You asked { $site } to erase it
erased-title = You are gone from here
erased-text = Your account is erased, as you asked: your profile, your follows, your reviews and your photos. The sessions that you listed stay for those who go there, without your name.
# Without its end.
erased-last = This is our last mail. If you ever { $link }come back{ $end }, you start afresh

## Of what somebody sent

getting-on = How it is getting on

received-subject = We have { yours } { $title }
received-preheader = Thank you. There is nothing more for you to do.
received-title = Thank you
received-text = We have { yours } “{ $title }”, and we are looking { it } over. That mostly takes a few minutes. If one of us has to see { it } first, we will tell you.
received-look = There is nothing more for you to do. You can look in on { it } whenever you like:

published-subject = Published: { named }
published-preheader = { $photos ->
    [0] It is there for everybody to find.
   *[other] We left { photos } out; here is why.
}
published-text = { $what ->
   *[session] Your session “{ $title }” is up, for everybody to find. Thank you for it.
    [review] Your review of “{ $title }” is up, for everybody to find. Thank you for it.
    [photos] Your photos of “{ $title }” are up, for everybody to find. Thank you for them.
    [change] Your change to “{ $title }” is up, for everybody to find. Thank you for it.
    [notice] Your notice about “{ $title }” is up, for everybody to find. Thank you for it.
}
published-put-right = Before it went up, one of us put something right: { $put-right }. If that is not as it should be, you can change it on its page.
published-see = See the page
# Without its end.
published-left-out = We left { photos } out

waiting-subject = One of us will look at { yours } { $title }
waiting-preheader = That usually takes { $takes }.
waiting-title = One of us will look at it
waiting-text = Before { yours } “{ $title }” can go up, a moderator has to see { it }.
waiting-looked-at = What they will look at
waiting-takes = That usually takes { $takes }. There is nothing for you to do: we will write as soon as it is decided.

failed-subject = Stuck on our side: { named }
failed-preheader = We have it safe, and we are looking into it.
failed-title = We have it safe
failed-text = Something went wrong on our side with { yours } “{ $title }”. Nothing is lost: we have { it } safe, and we are looking into it.
failed-again = { $what ->
   *[other] Please don’t send it again. We will write when it is through.
    [photos] Please don’t send them again. We will write when they are through.
}

## A decision against something, and why

why-and-what = Here is why, and what you can do about it.

rejected-subject = { $outcome ->
   *[not-published] Not published: { named }
    [taken-down] Taken down: { named }
    [photo-taken-down] Photo taken down: { named }
    [upheld] Looked at again: { named }
}
rejected-text = { $outcome ->
   *[not-published] We have not published { yours } “{ $title }”.
    [taken-down] We have taken down { yours } “{ $title }”.
    [photo-taken-down] We have taken down a photo of { yours } “{ $title }”.
    [upheld] We have had somebody else look at, and still not published, { yours } “{ $title }”.
}
rejected-sorry = We are sorry to write that to somebody who took the trouble, so here are the reasons in full.
rejected-reasons = The reasons

statement-measure = What we did
statement-facts = What it rests on
statement-rule = Which rule
statement-ours = Our own rules: { $rule }
statement-law = The law: { $provision }
statement-how = How it was found and decided
statement-found = { $by ->
   *[automated-check] An automated check flagged it.
    [moderator] A moderator came upon it; no automated check was used to find it.
    [notice] Somebody sent us a notice about it; no automated check was used to find it.
}
statement-decided = { $by ->
   *[automated-check] A program took the decision, without a person.
    [moderator] A moderator, a person, took the decision.
}

redress = What you can do
# Without its end.
redress-appeal = If you think we got it wrong, { $link }ask for another look{ $end } until { $until }
redress-answer = If you think we got it wrong, answer this mail until { $until }.
redress-free = It costs nothing, and somebody who had no part in the decision will look. You may also go to a certified out-of-court dispute settlement body, or to court.
# Without its end.
redress-kept = { $link }What became of it{ $end } stays to be read
redress-looked = Somebody who had no part in the first decision has looked, so we do not look again.
# Without its end.
redress-all = { $link }All of it{ $end } stays to be read
redress-elsewhere = You may go to a certified out-of-court dispute settlement body, or to court.

## To moderators

# For how long, within a sentence.
reminder-waiting = { $days ->
    [0] since today
    [one] for one day
   *[other] for { $days } days
}
reminder-subject = Waiting { reminder-waiting }: { $title }
reminder-preheader = { $case } needs a decision.
reminder-why = You are a moderator on { $site }
reminder-text = { $case } has been waiting { reminder-waiting } for one of us to decide. Whoever sent it is waiting too.
reminder-open = Open the case

## Of a notice

notice-why = You sent a notice to { $site }

notice-subject = We have your notice about { $about }
notice-preheader = One of us will look at it and decide.
notice-title = We have your notice
notice-text = You told us of { $link }{ $about }{ $end }, for this reason: { $reason }.
notice-next = What happens next
notice-next-text = A moderator, a person, looks at it and decides. No program decides on a notice. That usually takes { $takes }. We will write to you with what was decided and why, and with what you can do if you think that we got it wrong.

resolved-gone-subject = Taken down: { $about }
resolved-stays-subject = Not taken down: { $about }
resolved-gone = You told us of { $link }{ $about }{ $end }. You were right to tell us, and we are taking it down.
resolved-stays = You told us of { $link }{ $about }{ $end }. We looked at it with care, and we are leaving it where it is: we found nothing in it that breaks our rules or, as far as we can tell, the law.
resolved-note = What the moderator wrote
resolved-how = How it was decided
resolved-by = A moderator, a person, took the decision; no program had a part in it.

## To an address without an account

follow-subject = Please confirm: mails about { $followed }
follow-preheader = If it was not you, there is nothing for you to do.
follow-why = Somebody gave this address to { $site }
follow-title = Do you want these mails?
follow-text = Somebody, perhaps you, asked us to write to this address about { $followed }.
follow-until = If it was you, please say so until { $until }:
follow-yes = Yes, write to me
follow-no = If it was not, there is nothing for you to do. We have stored nothing, and you will hear no more of it.

## To who should know

still-on-subject = Is it still on? { $title }
still-on-preheader = One tap is enough.
still-on-title = Is { $title } still on?
still-on-text = Nobody has said so since { $since }. Musicians travel for a session: a word from you keeps the listing good, or spares them the way.
still-on-say = Say whether it is on
# Without its end.
still-on-link = You need not sign in. The link is yours alone, and good until { $until }. { $link }See what is listed{ $end }
