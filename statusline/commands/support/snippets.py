"""Snippets for the configuration of shells, tmux and starship; ``@COMMAND@`` is the command to run.

Each can be read twice, keeps the user's own prompt, and shows nothing if the program was removed.
"""

# The text is part of PS1 itself, since bash accepts \\[ and \\] only there, not in the result of a substitution. It is
# put in front of PS1 after all other commands have run, and the exit code of the last command stays.
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

# With PROMPT_SUBST a dollar sign in the text would be expanded, so PROMPT refers to a variable.
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

# The length is raised because tmux cuts its right side at 40 cells, which its own text fills.
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
