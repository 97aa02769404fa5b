# SPDX-License-Identifier: MIT
#
# Makes tagcache-protocol(7) out of docs/protocol.md, so that there is one truth: mdoc from the small
# part of Markdown that the page uses. The hex examples stay in the page; the manual says where.
# Usage: awk -v date='Month day, year' -f protocol.awk docs/protocol.md > tagcache-protocol.7

BEGIN {
    print ".\\\" SPDX-License-Identifier: MIT"
    print ".\\\" Made from docs/protocol.md: change that."
    print ".Dd " date
    print ".Dt TAGCACHE-PROTOCOL 7"
    print ".Os"
    print ".Sh NAME"
    print ".Nm tagcache-protocol"
    print ".Nd what TagCache clients and servers say to each other"
    print ".Sh DESCRIPTION"
    is_behind_heading = 1
}

/^<!--/ { next }
/^# / { next }

# The examples, and the section about reading them.
/^```/ { in_example = !in_example; next }
in_example { next }
/^###? / { is_skipped = ($0 == "### Reading the examples") }
is_skipped { next }

/^## / { heading(".Sh", toupper(substr($0, 4))); next }
/^### / { heading(".Ss", substr($0, 5)); next }

/^    / {
    if (block != "literal") {
        open_block("literal", ".Bd -literal -offset indent")
    }
    print literal(substr($0, 5))
    next
}

/^\|---/ { next }
/^\|/ { table_row(); next }

/^- / { list_item("bullet", substr($0, 3)); next }
/^[0-9]+\. / { sub(/^[0-9]+\. /, ""); list_item("enum", $0); next }
/^  / && (block == "bullet" || block == "enum") { sub(/^ +/, ""); print text($0); next }

/^$/ {
    # A list goes on over an empty line only if an item follows; the page has no such list.
    close_block()
    is_paragraph_open = 0
    next
}

{
    if (!is_paragraph_open && block == "") {
        paragraph()
    }
    is_paragraph_open = 1
    print text($0)
}

END {
    close_block()
    print ".Sh SEE ALSO"
    print ".Xr tagcache 1 ,"
    print ".Xr tagcache 3 ,"
    print ".Xr tagcached 8"
    print ".Pp"
    print "The file"
    print ".Pa docs/protocol.md"
    print "of the sources, installed among the documentation of tagcache, is this page with a worked"
    print "example in hex for every message."
}

function heading(macro, line) {
    close_block()
    print macro " " macro_text(line)
    is_behind_heading = 1
}

# mdoc refuses a paragraph break right behind a heading.
function paragraph() {
    if (!is_behind_heading) {
        print ".Pp"
    }
    is_behind_heading = 0
}

function open_block(kind, macro) {
    close_block()
    print macro
    block = kind
    is_behind_heading = 0
}

function close_block() {
    if (block == "literal") {
        print ".Ed"
    } else if (block != "") {
        print ".El"
    }
    block = ""
    column_count = 0
}

function list_item(kind, line) {
    if (block != kind) {
        open_block(kind, ".Bl -" kind " -compact")
    }
    print ".It"
    print text(line)
}

# The first row names the columns. The first column is the tag, with the second when that is a name; a
# single last column is plain text, and others say what they are.
function table_row(    cells, count, i, first, said, line) {
    line = $0
    gsub(/\\\|/, "\001", line)
    count = split(line, cells, "|") - 1
    for (i = 2; i <= count; ++i) {
        gsub(/^ +| +$|\001/, "", cells[i])
    }
    # The escaped bar comes back as itself.
    if ($0 ~ /\\\|/) {
        cells[2] = "`a | b`"
    }
    if (block != "tag") {
        open_block("tag", ".Bl -tag -width Ds")
        column_count = count
        for (i = 2; i <= count; ++i) {
            column[i] = cells[i]
        }
        return
    }
    first = (column[3] == "name") ? 4 : 3
    print ".It " macro_text(first == 4 ? cells[2] " " cells[3] : cells[2])
    said = ""
    for (i = first; i <= column_count; ++i) {
        if (cells[i] != "") {
            said = said (said == "" ? "" : "; ") \
                (column_count > first ? column[i] ": " cells[i] : cells[i])
        }
    }
    print text(said)
}

# A backslash is \e; what begins a line must not look like a macro.
function literal(line) {
    gsub(/\\/, "\\e", line)
    return line ~ /^[.']/ ? "\\&" line : line
}

# A line for each sentence.
function text(line) {
    line = inline(line)
    gsub(/\. +/, ".\n", line)
    return line
}

# Inline code and emphasis.
function inline(line,    parts, count, i, out) {
    line = literal(line)
    count = split(line, parts, "`")
    out = parts[1]
    for (i = 2; i <= count; ++i) {
        out = out (i % 2 == 0 ? "\\fB" : "\\fR") parts[i]
    }
    count = split(out, parts, "[*][*]")
    out = parts[1]
    for (i = 2; i <= count; ++i) {
        out = out (i % 2 == 0 ? "\\fB" : "\\fR") parts[i]
    }
    return out
}

# One quoted argument of a macro: short words would be taken for macros.
function macro_text(line,    out) {
    out = inline(line)
    gsub(/"/, "\\(dq", out)
    return "\"" out "\""
}
