; Adds the folder of hallpass.cmd to the user's PATH, and removes it again. PowerShell does it, because the strings of NSIS end at
; 1,024 characters and would cut a longer PATH off.
!define HALLPASS_POWERSHELL "$SYSDIR\WindowsPowerShell\v1.0\powershell.exe"

!macro customInstall
  nsExec::Exec `"${HALLPASS_POWERSHELL}" -NoProfile -NonInteractive -Command "$$folder = '$INSTDIR\bin'; $$path = [Environment]::GetEnvironmentVariable('Path', 'User'); if (($$path -split ';') -notcontains $$folder) { [Environment]::SetEnvironmentVariable('Path', (@($$path, $$folder) | Where-Object { $$_ }) -join ';', 'User') }"`
!macroend

!macro customUnInstall
  nsExec::Exec `"${HALLPASS_POWERSHELL}" -NoProfile -NonInteractive -Command "$$folder = '$INSTDIR\bin'; $$path = [Environment]::GetEnvironmentVariable('Path', 'User'); [Environment]::SetEnvironmentVariable('Path', (($$path -split ';') | Where-Object { $$_ -and $$_ -ne $$folder }) -join ';', 'User')"`
!macroend
