#!/bin/sh
# check.sh [TREE] - hold the includes of formats/, converters/ and plugin/ to allowed.txt
#
# Prints one line for each include that the table does not allow, and each hole in the table;
# exit 1 if there was one. Tests are not held to it: tests see everything.
set -eu
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
tree=${1:-$here/../..}
cd "$tree"

find formats converters plugin -type f \( -name '*.[ch]' -o -name '*.def' -o -name '*.inc' \) |
    sort | awk -v table="$here/allowed.txt" '
function room_of(file,    folder) {          # longest folder of the table that holds the file
    folder = file
    while (sub("/[^/]*$", "", folder))
        if (folder in allowed)
            return folder
    return ""
}
function complain(text) {
    print file ":" line ": " text
    bad = 1
}
function check_own(name,    part, target, k) {
    if (system("test -e \"" folder_of(file) "/" name "\"") == 0 && name !~ "/")
        return                               # beside the file itself
    part = name
    sub("/.*", "", part)
    target = ""
    if (part == "engram") {
        for (k = 1; k <= 3; k++)
            if (system("test -e " roots[k] "/include/" name) == 0 ||
                system("test -e " roots[k] "/include/" name ".in") == 0)  # generated
                target = roots[k] "/include/engram"
    } else
        for (k = 1; k <= rooms; k++)
            if (order[k] ~ ("/" part "$") || order[k] == part)
                target = order[k]
    if (target == "" && system("test -e converters/" name) == 0)
        target = "converters"
    if (target == "")
        complain("\"" name "\" belongs to no room")
    else if (target != room && !((room, target) in may))
        complain(room " may not include " target " (\"" name "\")")
}
function check_foreign(name,    k) {
    for (k = 1; k <= fences; k++)
        if (index(name, fence[k]) == 1 && !((fence[k], room) in through))
            complain(room " may not include <" name ">")
}
function folder_of(path) {
    sub("/[^/]*$", "", path)
    return path
}
BEGIN {
    split("formats converters plugin", roots, " ")
    file = table
    while ((getline text < table) > 0) {
        line++
        n = split(text, word, /[ \t]+/)
        if (word[1] == "room") {
            order[++rooms] = word[2]
            allowed[word[2]] = 1
            for (k = 4; k <= n; k++) {
                if (!(word[k] in allowed))
                    complain(word[2] " names " word[k] ", which does not stand above it")
                may[word[2], word[k]] = 1
            }
        } else if (word[1] == "fence") {
            fence[++fences] = word[2]
            for (k = 4; k <= n; k++)
                through[word[2], word[k]] = 1
        }
    }
    if (!rooms) {
        print table ": no rooms"
        exit bad = 1
    }
}
{
    file = $0
    room = room_of(file)
    line = 0
    files++
    while ((getline text < file) > 0) {
        line++
        if (text !~ /^[ \t]*#[ \t]*include/)
            continue
        if (room == "") {
            complain("the folder is in no room of the table")
            break
        }
        name = text
        if (text ~ /"/) {
            sub(/^[^"]*"/, "", name); sub(/".*/, "", name)
            if (name ~ /^\.\./ || name ~ /\/\.\.\//)
                complain("\"" name "\": includes are written from the floor root")
            else
                check_own(name)
        } else if (text ~ /</) {
            sub(/^[^<]*</, "", name); sub(/>.*/, "", name)
            if (name ~ /^engram\//)
                check_own(name)
            else
                check_foreign(name)
        }
    }
    close(file)
}
END {
    if (!files) {
        print "no sources found"
        bad = 1
    }
    exit bad
}'
