/**
 * What `rivet-otel completion bash` prints. It runs from bash 3.2, which macOS has, and without the
 * package bash-completion. Nothing that stands in the line, and no candidate, is ever expanded.
 */
export const BASH_SCRIPT = `# Completion of rivet-otel for bash.
#
# Now, and in every new shell:
#   source <(rivet-otel completion bash)         in this shell (bash 4 and later)
#   rivet-otel completion bash > ~/.rivet-otel.bash && echo 'source ~/.rivet-otel.bash' >> ~/.bashrc
# Or, where bash-completion is installed, into its folder:
#   rivet-otel completion bash > ~/.local/share/bash-completion/completions/rivet-otel

_rivet_otel() {
  local rest=\${COMP_LINE:0:COMP_POINT} program kind= line word i
  local -a words=()
  COMPREPLY=()
  # Bash takes words apart at COMP_WORDBREAKS: what stands together in the line is one word.
  for ((i = 0; i <= COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    line=\${rest#"\${rest%%[![:space:]]*}"}
    [[ $i -eq $COMP_CWORD ]] && word=$line
    if [[ $i -eq 0 || $line != "$rest" ]]; then
      words+=("$word")
    else
      words[\${#words[@]} - 1]+=$word
    fi
    rest=\${line#"$word"}
  done

  program=$(type -P -- "\${words[0]}" || type -P rivet-otel) || return 0
  while IFS= read -r line; do
    if [[ -z $kind ]]; then kind=$line; else COMPREPLY+=("$line"); fi
  done < <("$program" __complete bash "$COMP_WORDBREAKS" "\${words[@]:1}" 2>/dev/null </dev/null)

  case $kind in
    files) ;; # Bash's own, as what is said to complete -o.
    command) _rivet_otel_wrapped ;;
    *) compopt +o default +o bashdefault 2>/dev/null ;;
  esac
}

# What exec is to run, behind its dashes.
_rivet_otel_wrapped() {
  local first=0 name
  while [[ $first -lt $COMP_CWORD && \${COMP_WORDS[first]} != -- ]]; do ((first++)); done
  ((first++))
  if declare -F _comp_command_offset >/dev/null; then
    _comp_command_offset "$first"
  elif declare -F _command_offset >/dev/null; then
    _command_offset "$first"
  elif [[ $first -eq $COMP_CWORD && \${COMP_WORDS[first]} != */* ]]; then
    while IFS= read -r name; do
      COMPREPLY+=("$(printf %q "$name")")
    done < <(compgen -c -- "\${COMP_WORDS[first]}" | sort -u)
  fi
}

complete -o nosort -o bashdefault -o default -F _rivet_otel rivet-otel 2>/dev/null ||
  complete -o bashdefault -o default -F _rivet_otel rivet-otel
`
