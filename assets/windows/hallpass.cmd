@echo off
rem Runs the command line of Hallpass. The program itself belongs to no console: a prompt would come back at once, without its exit
rem code. A batch file waits for it, and passes the code on.
setlocal
"%~dp0..\Hallpass.exe" %*
exit /b %ERRORLEVEL%
