using System.ComponentModel;
using System.Diagnostics;

namespace TestKit;

/// <summary>gcc, which knows what the kernel's headers say.</summary>
public static class CCompiler
{
    /// <summary>Fails with gcc's words unless a program compiles. Without gcc the test skips; where CI is set it fails.</summary>
    public static void Check(string program)
    {
        ProcessStartInfo start = new("gcc", ["-x", "c", "-fsyntax-only", "-"])
        {
            RedirectStandardInput = true,
            RedirectStandardError = true,
        };
        Process gcc;
        try
        {
            gcc = Process.Start(start)!;
        }
        catch (Win32Exception) when (Environment.GetEnvironmentVariable("CI") is null)
        {
            Assert.Skip("needs gcc");
            return;
        }
        using (gcc)
        {
            gcc.StandardInput.Write(program);
            gcc.StandardInput.Close();
            string errors = gcc.StandardError.ReadToEnd();
            gcc.WaitForExit();
            Assert.True(gcc.ExitCode == 0, errors);
        }
    }
}
