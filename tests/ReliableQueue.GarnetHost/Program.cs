using Garnet;

// A Garnet server as a program, because its package holds a library. Its arguments are Garnet's own.
using var server = new GarnetServer(args);
server.Start();
Console.WriteLine("ready");

// Ends with whoever started it, even one that was killed.
Console.In.ReadToEnd();
