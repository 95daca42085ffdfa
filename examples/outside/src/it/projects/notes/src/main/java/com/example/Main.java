package com.example;

import com.example.notes.Note;
import com.example.notes.Notes;
import com.example.notes.NotesClient;
import com.example.notes.NotesServer;
import com.example.notes.Query;
import io.volare.rpc.RequestStream;
import io.volare.rpc.RpcClient;
import io.volare.rpc.Sink;
import io.volare.rpc.Source;
import io.volare.transport.inprocess.InProcessClient;
import io.volare.transport.inprocess.InProcessServer;
import java.util.ArrayList;
import java.util.List;

/** Serves notes and asks for them, both ways streamed. */
public final class Main {
  private static final List<Note> KEPT = List.of(note("buy bolts"), note("sell"), note("buy nuts"));

  private Main() {}

  private static Note note(String text) {
    return Note.newBuilder().setText(text).build();
  }

  /** Ends with 0 if both answers are as they should be. */
  public static void main(String[] arguments) throws Exception {
    InProcessServer server =
        InProcessServer.builder("notes").service(NotesServer.bind(new Drawer())).build();
    server.start();
    try {
      NotesClient client =
          NotesClient.of(RpcClient.builder("notes").transport(InProcessClient.to("notes")));
      List<Note> found = find(client, "buy");
      Note longest = longest(client, found);
      if (!longest.equals(KEPT.get(0)) || found.size() != 2) {
        throw new IllegalStateException("wrong notes: " + found + ", longest: " + longest);
      }
      System.out.println("found " + found.size() + " notes, the longest is " + longest.getText());
    } finally {
      server.stop();
    }
  }

  private static List<Note> find(NotesClient client, String word) throws InterruptedException {
    List<Note> found = new ArrayList<>();
    try (Source<Note> notes = client.find(Query.newBuilder().setWord(word).build())) {
      for (Note note : notes) {
        found.add(note);
      }
    }
    return found;
  }

  private static Note longest(NotesClient client, List<Note> notes) throws InterruptedException {
    try (RequestStream<Note, Note> call = client.longest()) {
      for (Note note : notes) {
        call.send(note);
      }
      return call.finish();
    }
  }

  /** The service. */
  private static final class Drawer implements Notes {
    @Override
    public void find(Query query, Sink<Note> responses) throws InterruptedException {
      for (Note note : KEPT) {
        if (note.getText().contains(query.getWord())) {
          responses.send(note);
        }
      }
    }

    @Override
    public Note longest(Source<Note> notes) {
      Note longest = Note.getDefaultInstance();
      for (Note note : notes) {
        if (note.getText().length() > longest.getText().length()) {
          longest = note;
        }
      }
      return longest;
    }
  }
}
