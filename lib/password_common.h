/*
 * Words that passwords are made of too often, for the block list of
 * lib/password.c. A password is refused when nothing of its own is left after
 * these, digits and signs are taken off. Collected by us from what people
 * choose: common passwords, names, seasons, teams, and the words of this trade.
 * Lower case; look-alike signs (@ 0 1 3 $ 5) are read as letters before the
 * comparison. Longer words stand before their parts.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONNEX_PASSWORD_COMMON_H
#define CONNEX_PASSWORD_COMMON_H

static const char *const password_common[] = {
  "correcthorsebatterystaple", "administrator", "qwertyuiop", "redetermination", "nevergiveup", "thisismypassword",
  "letmeinplease", "mypassword", "passphrase", "passwords", "password", "passw", "iloveyou", "ilove", "loveyou",
  "changeme", "changeit", "letmein", "welcome", "wilkommen", "welcometo", "qwerty", "qwertz", "azerty", "asdfghjkl",
  "asdfgh", "asdf", "zxcvbnm", "zxcvbn", "zxcv", "admin", "root", "superuser", "superman", "batman", "spiderman",
  "starwars", "startrek", "pokemon", "minecraft", "princess", "sunshine", "monkey", "dragon", "shadow", "master",
  "trustno", "football", "baseball", "basketball", "soccer", "hockey", "softball", "tennis", "golfer", "steelers",
  "cowboys", "patriots", "packers", "yankees", "redsox", "lakers", "bulldog", "tigers", "eagles", "michael",
  "jennifer", "jessica", "ashley", "amanda", "daniel", "joshua", "matthew", "andrew", "robert", "thomas", "jordan",
  "hunter", "michelle", "charlie", "nicole", "samantha", "william", "anthony", "maggie", "bailey", "ginger",
  "buster", "pepper", "cookie", "summer", "winter", "spring", "autumn", "january", "february", "march", "april",
  "june", "july", "august", "september", "october", "november", "december", "monday", "tuesday", "wednesday",
  "thursday", "friday", "saturday", "sunday", "computer", "internet", "laptop", "samsung", "google", "facebook",
  "microsoft", "windows", "apple", "iphone", "android", "login", "logon", "signin", "account", "access", "secret",
  "secure", "security", "private", "default", "temporary", "temp", "test", "testing", "tester", "guest", "user",
  "username", "userid", "hello", "goodbye", "please", "thankyou", "thanks", "freedom", "america", "american",
  "unitedstates", "usa", "jesus", "christ", "heaven", "angel", "blessed", "faith", "family", "mother", "father",
  "mommy", "daddy", "baby", "babygirl", "babyboy", "lovely", "lover", "love", "friends", "friend", "forever",
  "together", "happy", "lucky", "money", "million", "dollar", "coffee", "chocolate", "cheese", "banana", "orange",
  "purple", "yellow", "silver", "golden", "diamond", "flower", "rainbow", "butterfly", "unicorn", "whatever",
  "nothing", "something", "abcdefghijkl", "abcdef", "abcd", "abc", "medicare", "medicaid", "connex", "portal",
  "provider", "providers", "doctor", "nurse", "hospital", "clinic", "medical", "medicine", "health", "healthcare",
  "patient", "patients", "billing", "claims", "claim", "office", "manager", "reception", "dental", "therapy",
  "pharmacy", "hospice", "insurance", "company", "business", "work", "home", "house", "number", "code", "pin",
  "my", "the", "is", "and", "our", "your", "you", "me", "this", "that", "new", "old", "good", "best", "for", "to",
};

#endif
