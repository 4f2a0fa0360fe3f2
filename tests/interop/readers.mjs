// Reads our mails with readers that others wrote. Standard input: a JSON list of {mail, calendar}, both in base64.
// Standard output: for each one, by the name of the reader, what it found.
import { readFileSync } from "node:fs";
import ICAL from "ical.js";
import { simpleParser } from "mailparser";
import nodeIcal from "node-ical";
import PostalMime from "postal-mime";
import { convertIcsCalendar } from "ts-ics";

const moment = (date) => new Date(date).toISOString();
const address = (text) => text.replace(/^mailto:/i, "");

function byIcalJs(text) {
  const calendar = new ICAL.Component(ICAL.parse(text));
  const [event, ...others] = calendar.getAllSubcomponents("vevent");
  const [attendee, ...guests] = event.getAllProperties("attendee");
  const value = (name) => event.getFirstPropertyValue(name);
  return {
    method: calendar.getFirstPropertyValue("method"),
    uid: value("uid"),
    sequence: value("sequence"),
    stamped_at: moment(value("dtstamp").toJSDate()),
    starts_at: moment(value("dtstart").toJSDate()),
    ends_at: moment(value("dtend").toJSDate()),
    status: value("status"),
    summary: value("summary"),
    location: value("location"),
    description: value("description"),
    organizer: address(value("organizer")),
    organizer_name: event.getFirstProperty("organizer").getParameter("cn"),
    attendee: address(attendee.getFirstValue()),
    attendee_name: attendee.getParameter("cn"),
    partstat: attendee.getParameter("partstat"),
    is_alone: others.length + guests.length === 0,
  };
}

function byNodeIcal(text) {
  const found = Object.values(nodeIcal.sync.parseICS(text));
  const [event, ...others] = found.filter((one) => one.type === "VEVENT");
  const [attendee, ...guests] = [event.attendee].flat();
  return {
    method: found.find((one) => one.type === "VCALENDAR").method,
    uid: event.uid,
    sequence: Number(event.sequence),
    stamped_at: moment(event.dtstamp),
    starts_at: moment(event.start),
    ends_at: moment(event.end),
    status: event.status,
    summary: event.summary,
    location: event.location,
    description: event.description,
    organizer: address(event.organizer.val),
    organizer_name: event.organizer.params.CN,
    attendee: address(attendee.val),
    attendee_name: attendee.params.CN,
    partstat: attendee.params.PARTSTAT,
    is_alone: others.length + guests.length === 0,
  };
}

function byTsIcs(text) {
  const calendar = convertIcsCalendar(undefined, text);
  const [event, ...others] = calendar.events;
  const [attendee, ...guests] = event.attendees;
  return {
    method: calendar.method,
    uid: event.uid,
    sequence: event.sequence ?? 0, // it leaves out the 0 that stands there
    stamped_at: moment(event.stamp.date),
    starts_at: moment(event.start.date),
    ends_at: moment(event.end.date),
    status: event.status,
    summary: event.summary,
    location: event.location,
    description: event.description,
    organizer: event.organizer.email,
    organizer_name: event.organizer.name,
    attendee: attendee.email,
    attendee_name: attendee.name,
    partstat: attendee.partstat,
    is_alone: others.length + guests.length === 0,
  };
}

const people = (list) => list.map((one) => [one.name, one.address]);

async function byMailparser(mail) {
  const read = await simpleParser(mail);
  const last = read.attachments.at(-1);
  return {
    subject: read.subject,
    sender: people(read.from.value),
    to: people(read.to.value),
    message_id: read.messageId,
    text: read.text,
    calendars: read.attachments.length,
    type: last?.contentType,
    method: last?.headers.get("content-type")?.params.method,
    calendar: last?.content.toString("utf8"),
  };
}

async function byPostalMime(mail) {
  const read = await PostalMime.parse(mail, { attachmentEncoding: "utf8" });
  const last = read.attachments.at(-1);
  return {
    subject: read.subject,
    sender: people([read.from]),
    to: people(read.to),
    message_id: read.messageId,
    text: read.text,
    calendars: read.attachments.length,
    type: last?.mimeType,
    method: last?.method,
    calendar: last?.content,
  };
}

const found = [];
for (const given of JSON.parse(readFileSync(0, "utf8"))) {
  const mail = Buffer.from(given.mail, "base64");
  const text = Buffer.from(given.calendar, "base64").toString("utf8");
  found.push({
    "ical.js": byIcalJs(text),
    "node-ical": byNodeIcal(text),
    "ts-ics": byTsIcs(text),
    mailparser: await byMailparser(mail),
    "postal-mime": await byPostalMime(mail),
  });
}
console.log(JSON.stringify(found));
