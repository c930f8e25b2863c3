/** What `rivet-otel completion zsh` prints. Zsh puts its own quotes around what it is given. */
export const ZSH_SCRIPT = `#compdef rivet-otel
# Completion of rivet-otel for zsh.
#
# Now, and in every new shell, behind "autoload -Uz compinit && compinit":
#   source <(rivet-otel completion zsh)          in this shell
#   echo 'source <(rivet-otel completion zsh)' >> ~/.zshrc
# Or into a folder of $fpath, which makes new shells start faster:
#   rivet-otel completion zsh > "\${fpath[1]}/_rivet-otel"

_rivet_otel() {
  local program kind line
  local -i width=0
  local -a answer candidates shown
  program=$(whence -p -- "\${(Q)words[1]}" || whence -p rivet-otel) || return 1
  answer=("\${(@f)$("$program" __complete zsh "\${(@Q)words[2,CURRENT-1]}" "\${(Q)PREFIX}" 2>/dev/null </dev/null)}")
  kind=$answer[1]
  for line in "\${(@)answer[2,-1]}"; do
    candidates+=("\${line%%$'\\t'*}")
    (( \${(m)#candidates[-1]} > width )) && width=\${(m)#candidates[-1]}
  done
  for line in "\${(@)answer[2,-1]}"; do
    shown+=("\${(mr:width:)\${line%%$'\\t'*}}  \${line#*$'\\t'}")
  done
  if [[ $kind != command && $PREFIX == --*=* ]]; then compset -P 1 '*='; fi
  case $kind in
    values) (( $#candidates )) && compadd -l -d shown -V rivet-otel -- "\${candidates[@]}" ;;
    files) _files ;;
    command)
      local first=\${words[(ie)--]}
      words=("\${(@)words[first+1,-1]}")
      (( CURRENT -= first ))
      _normal
      ;;
  esac
}

if [[ \${funcstack[1]} == _rivet-otel ]]; then
  _rivet_otel
elif (( $+functions[compdef] )); then
  compdef _rivet_otel rivet-otel
fi
`
