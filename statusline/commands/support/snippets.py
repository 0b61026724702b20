"""What stands in a shell's, tmux's or starship's configuration; ``@COMMAND@`` is the program and its words.

Each works if it is read twice, keeps what the person has there, and shows nothing where the program has gone.
"""

# PS1 itself holds the text, since bash takes \\[ and \\] only there, not in what a substitution gives. It is put in
# front of whatever PS1 is by then, behind all other commands, and the exit code of the last command stays.
BASH = """\
# hudline: how much of Claude Code's limits is used. Put this at the end of ~/.bashrc.
_hudline_prompt() {
    local code=$?
    PS1="${PS1#"${_hudline_shown-}"}"
    _hudline_shown="$(@COMMAND@)"
    _hudline_shown="${_hudline_shown:+$_hudline_shown }"
    PS1="$_hudline_shown$PS1"
    return "$code"
}
if [[ "$(declare -p PROMPT_COMMAND 2>/dev/null)" == "declare -a"* ]]; then
    [[ " ${PROMPT_COMMAND[*]} " == *" _hudline_prompt "* ]] || PROMPT_COMMAND+=(_hudline_prompt)
elif [[ "${PROMPT_COMMAND-}" != *_hudline_prompt* ]]; then
    PROMPT_COMMAND="${PROMPT_COMMAND:+$PROMPT_COMMAND$'\\n'}_hudline_prompt"
fi
"""

# With PROMPT_SUBST on, a text with a dollar sign would be expanded; then PROMPT only refers to it.
ZSH = """\
# hudline: how much of Claude Code's limits is used. Put this at the end of ~/.zshrc.
_hudline_precmd() {
    PROMPT="${PROMPT#"${_hudline_shown-}"}"
    typeset -g _hudline_shown _hudline_text="$(@COMMAND@)"
    _hudline_text="${_hudline_text:+$_hudline_text }"
    if [[ -o prompt_subst ]]; then _hudline_shown='${_hudline_text}'; else _hudline_shown="$_hudline_text"; fi
    PROMPT="$_hudline_shown$PROMPT"
}
autoload -Uz add-zsh-hook && add-zsh-hook precmd _hudline_precmd
"""

FISH = """\
# hudline: how much of Claude Code's limits is used. Put this at the end of ~/.config/fish/config.fish.
if not functions --query _hudline_before
    if functions --query fish_right_prompt
        functions --copy fish_right_prompt _hudline_before
    else
        function _hudline_before
        end
    end
end
function fish_right_prompt --description "What was there, and how much of Claude Code's limits is used"
    _hudline_before
    set --local text (@COMMAND@)
    test -n "$text"; and printf ' %s' "$text"
end
"""

# The length is raised because tmux cuts its right side at 40 cells, which its own text already takes.
TMUX = """\
# hudline: how much of Claude Code's limits is used. Put this at the end of ~/.tmux.conf.
set -g @hudline "#(@COMMAND@)"
if -F "#{m:*@hudline*,#{status-right}}" "" "set -ga status-right ' #{E:@hudline}'"
if -F "#{e|<:#{status-right-length},80}" "set -g status-right-length 80" ""
"""

STARSHIP = """\
# hudline: how much of Claude Code's limits is used. Put this into ~/.config/starship.toml.
[custom.hudline]
description = "how much of Claude Code's limits is used"
command = @COMMAND@
shell = ["/bin/sh", "-c"]
use_stdin = false
when = true
style = "yellow"
format = "([$output]($style) )"
"""
