"""The words of letters and mails as they come with the app. HR changes them in the DocType Offboarding Text."""

INVITATION, REAFFIRMATION = "Invitation", "Reaffirmation"
THANK_YOU, FAREWELL = "Thank You", "Farewell Note"

#: subject and text by language and letter
DEFAULTS: dict[str, dict[str, tuple[str, str]]] = {
	"en": {
		INVITATION: (
			"An invitation to your exit interview",
			"<p>Dear {{ first_name }},</p>"
			"<p>thank you for telling us that you are leaving. We would like to hear how your time with us was, what we "
			"can do better, and what you are looking forward to.</p>"
			"<p><b>{{ starts_on }}</b>{% if place %}, {{ place }}{% endif %}, with {{ sender_name }}. The invitation for "
			"your calendar is attached.</p>"
			"<p>Also attached is a letter of one page. It asks for nothing new: it reminds you of what has applied since "
			"you started. Please confirm that you have read it here, without logging in:</p>"
			'<p><a href="{{ link }}">Read and confirm the letter</a></p>'
			"<p>If you have a question about it, just bring it along.</p>"
			"<p>Best regards<br>{{ sender_name }}</p>",
		),
		REAFFIRMATION: (
			"Confidentiality after you leave",
			"<p>{{ today }}</p><p>Dear {{ employee_name }},</p>"
			"<p>you are leaving {{ company }}{% if last_working_day %}; your last working day is {{ last_working_day }}"
			"{% endif %}. While you worked here you were trusted with information about our customers and our business. "
			"This letter reminds you that this information stays confidential after you leave. It changes nothing: it is "
			"what you have always worked under{% if signed_on %} and agreed to on {{ signed_on }}{% endif %}.</p>"
			"{% if policy_text %}<p><b>{{ policy_title }}, version {{ policy_version }}:</b></p>"
			"<blockquote>{{ policy_text }}</blockquote>{% endif %}"
			"<p>What you know and can do is yours, and so are the people you like. Lists of customers and contacts, prices, "
			"offers and plans belong to the company and stay here, whatever they are written on or stored in. If you have any "
			"of that at home or on a device of yours, please give it back or delete it before you leave.</p>"
			"<p>We wish you all the best.</p><p>{{ sender_name }}<br>{{ company }}</p>",
		),
		THANK_YOU: (
			"Thank you, {{ first_name }}",
			"<p>Dear {{ first_name }},</p>"
			"<p>thank you for what you did here, for our customers and for your colleagues. It was good to have you with us, "
			"and we would be glad to hear from you.</p><p>All the best<br>{{ sender_name }}</p>",
		),
		FAREWELL: (
			"{{ employee_name }} is moving on",
			"<p>Dear colleagues,</p>"
			"<p>{{ employee_name }} is leaving us{% if last_working_day %}; the last day is {{ last_working_day }}{% endif %}. "
			"Thank you, {{ first_name }}, for everything. Take the chance to say goodbye.</p>"
			"<p>{{ sender_name }}</p>",
		),
	},
	"de": {
		INVITATION: (
			"Einladung zum Austrittsgespräch",
			"<p>Guten Tag {{ employee_name }},</p>"
			"<p>danke, dass Sie uns gesagt haben, dass Sie gehen. Wir möchten gerne hören, wie die Zeit bei uns war, was wir "
			"besser machen können und worauf Sie sich freuen.</p>"
			"<p><b>{{ starts_on }}</b>{% if place %}, {{ place }}{% endif %}, mit {{ sender_name }}. Die Einladung für Ihren "
			"Kalender ist angehängt.</p>"
			"<p>Ebenfalls angehängt ist ein Brief von einer Seite. Er verlangt nichts Neues: Er erinnert an das, was seit Ihrem "
			"ersten Tag gilt. Bitte bestätigen Sie hier, ohne Anmeldung, dass Sie ihn gelesen haben:</p>"
			'<p><a href="{{ link }}">Den Brief lesen und bestätigen</a></p>'
			"<p>Wenn Sie dazu eine Frage haben, bringen Sie sie einfach mit.</p>"
			"<p>Mit freundlichen Grüßen<br>{{ sender_name }}</p>",
		),
		REAFFIRMATION: (
			"Vertraulichkeit nach Ihrem Austritt",
			"<p>{{ today }}</p><p>Guten Tag {{ employee_name }},</p>"
			"<p>Sie verlassen {{ company }}{% if last_working_day %}; Ihr letzter Arbeitstag ist der {{ last_working_day }}"
			"{% endif %}. Während Ihrer Arbeit wurden Ihnen Informationen über unsere Kunden und unser Geschäft anvertraut. "
			"Dieser Brief erinnert daran, dass sie auch nach Ihrem Austritt vertraulich bleiben. Er ändert nichts: Das galt "
			"für Ihre Arbeit schon immer{% if signed_on %}, und Sie haben dem am {{ signed_on }} zugestimmt{% endif %}.</p>"
			"{% if policy_text %}<p><b>{{ policy_title }}, Version {{ policy_version }}:</b></p>"
			"<blockquote>{{ policy_text }}</blockquote>{% endif %}"
			"<p>Was Sie wissen und können, gehört Ihnen, und ebenso die Menschen, die Sie mögen. Listen von Kunden und "
			"Kontakten, Preise, Angebote und Pläne gehören dem Unternehmen und bleiben hier, gleich worauf sie stehen. Falls "
			"Sie davon etwas zu Hause oder auf einem eigenen Gerät haben, geben Sie es bitte vor dem letzten Tag zurück oder "
			"löschen Sie es.</p><p>Wir wünschen Ihnen alles Gute.</p><p>{{ sender_name }}<br>{{ company }}</p>",
		),
		THANK_YOU: (
			"Danke, {{ first_name }}",
			"<p>Guten Tag {{ employee_name }},</p>"
			"<p>danke für alles, was Sie hier für unsere Kunden und für die Kolleginnen und Kollegen getan haben. Es war gut, "
			"Sie bei uns zu haben, und wir freuen uns, von Ihnen zu hören.</p><p>Alles Gute<br>{{ sender_name }}</p>",
		),
		FAREWELL: (
			"{{ employee_name }} verlässt uns",
			"<p>Liebe Kolleginnen und Kollegen,</p>"
			"<p>{{ employee_name }} verlässt uns{% if last_working_day %}; der letzte Tag ist der {{ last_working_day }}"
			"{% endif %}. Danke für alles, {{ first_name }}. Nutzt die Gelegenheit, euch zu verabschieden.</p>"
			"<p>{{ sender_name }}</p>",
		),
	},
}
