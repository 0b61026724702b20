"""Snippets for the configuration of shells, tmux and starship; ``@COMMAND@`` is the command to run.

Each can be read twice, keeps the user's own prompt, and shows nothing if the program was removed.
"""

# PS1 only refers to the text, so that whatever keeps a copy of PS1 (a virtualenv, a child shell) keeps no old numbers.
# Bash accepts \\[ and \\] only in PS1 itself; what they stand for, \\001 and \\002, works in a variable, too.
BASH = """\
# hudline: how much of Claude Code's limits is used. Added by: statusline init bash >> ~/.bashrc
_hudline_prompt() {
    local code=$?
    _hudline_text="$(@COMMAND@)"
    _hudline_text="${_hudline_text:+$_hudline_text }"
    [[ "${PS1-}" == *'${_hudline_text-}'* ]] || PS1='${_hudline_text-}'"${PS1-}"
    return "$code"
}
if [[ "$(declare -p PROMPT_COMMAND 2>/dev/null)" == "declare -a"* ]]; then
    [[ " ${PROMPT_COMMAND[*]} " == *" _hudline_prompt "* ]] || PROMPT_COMMAND+=(_hudline_prompt)
elif [[ "${PROMPT_COMMAND-}" != *_hudline_prompt* ]]; then
    PROMPT_COMMAND="${PROMPT_COMMAND:+$PROMPT_COMMAND$'\\n'}_hudline_prompt"
fi
"""

# With PROMPT_SUBST PROMPT only refers to the text. Without, the text is in PROMPT between two marks that show nothing,
# so that an old one is found and replaced even where a virtualenv has kept it.
ZSH = """\
# hudline: how much of Claude Code's limits is used. Added by: statusline init zsh >> ~/.zshrc
_hudline_precmd() {
    typeset -g _hudline_text="$(@COMMAND@)"
    _hudline_text="${_hudline_text:+$_hudline_text }"
    local mark='%(99V.hudline.)'
    while [[ "$PROMPT" == *"$mark"*"$mark"* ]]; do
        PROMPT="${PROMPT%%"$mark"*}${${PROMPT#*"$mark"}#*"$mark"}"
    done
    if [[ -o prompt_subst ]]; then
        [[ "$PROMPT" == *'${_hudline_text-}'* ]] || PROMPT='${_hudline_text-}'"$PROMPT"
    elif [[ -n "$_hudline_text" ]]; then
        PROMPT="$mark$_hudline_text$mark${PROMPT/'${_hudline_text-}'/}"
    fi
}
autoload -Uz add-zsh-hook && add-zsh-hook precmd _hudline_precmd
"""

FISH = """\
# hudline: how much of Claude Code's limits is used. Added by: statusline init fish >> ~/.config/fish/config.fish
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
# hudline: how much of Claude Code's limits is used. Added by: statusline init tmux >> ~/.tmux.conf
set -g @hudline "#(@COMMAND@)"
if -F "#{m:*@hudline*,#{status-right}}" "" "set -ga status-right ' #{E:@hudline}'"
if -F "#{e|<:#{status-right-length},80}" "set -g status-right-length 80" ""
"""

STARSHIP = """\
# hudline: how much of Claude Code's limits is used. Added by: statusline init starship >> ~/.config/starship.toml
[custom.hudline]
description = "how much of Claude Code's limits is used"
command = @COMMAND@
shell = ["/bin/sh", "-c"]
use_stdin = false
when = true
style = "yellow"
format = "([$output]($style) )"
"""
